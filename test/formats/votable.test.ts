// VOTables of astropy and of services: the three serialisations, nulls, epochs, errors.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { UserError } from '../../src/errors.ts'
import type { ChooseKinds, ColumnTable } from '../../src/formats/columntable.ts'
import { readVotable } from '../../src/formats/votable.ts'

const folder = mkdtempSync(join(tmpdir(), 'votable-'))
afterAll(() => rmSync(folder, { recursive: true }))

const choose: ChooseKinds = (fields) => {
  if (!fields.some(({ name }) => name === 'ra')) throw new UserError('no ra', 'give one')
  return fields.map(({ name }) =>
    /^(id|name)$/.test(name) ? 'id' : /^(bytes|flag|list)$/.test(name) ? 'skip' : 'number',
  )
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
}

function read(content: string | Uint8Array, size = 1000): Promise<ColumnTable> {
  return readVotable(pieces(Buffer.from(content), size), 'stars.vot', choose)
}

function column(table: ColumnTable, name: string): (number | bigint)[] {
  const i = table.fields.findIndex((field) => field.name === name)
  return Array.from(table.columns[i] as ArrayLike<number | bigint>)
}

const PYTHON = `
import sys
import numpy as np
from astropy.table import Table, MaskedColumn
from astropy.io.votable import from_table, writeto
n = 5000
i = np.arange(n)
t = Table()
t['id'] = 598685936751287040 + i.astype('i8')
t['name'] = ['Gaia DR3 %d' % (598685936751287040 + k) for k in i]
t['flag'] = i % 3 == 0
t['ra'] = i / 7.0
t['dec'] = MaskedColumn(-i / 101.0, mask=i % 10 == 3)
t['g'] = (10 + i / 900.0).astype('f4')
t['short'] = MaskedColumn(i.astype('i2'), mask=i % 4 == 1, fill_value=-999)
t['int'] = i.astype('i4') * 1000
t['byte'] = (i % 256).astype('u1')
t['list'] = np.stack([i, i + 1, i + 2], 1).astype('f4')
t['ra'].unit = 'deg'
t['ra'].description = 'Right ascension <ICRS>'
for f in ('tabledata', 'binary2', 'binary'):
    if f != 'tabledata': t['short'] = i.astype('i2')
    v = from_table(t)
    writeto(v, sys.argv[1] + '/' + f + '.vot', tabledata_format=f)
`

test.each(['tabledata', 'binary', 'binary2'])(
  'reads what astropy writes as %s, bit by bit',
  async (format) => {
    execFileSync('/usr/bin/python3', ['-c', PYTHON, folder])
    for (const size of [777, 1 << 20]) {
      const table = await read(readFileSync(join(folder, `${format}.vot`)), size)
      expect(table.rows).toBe(5000)
      expect(table.fields[3]).toMatchObject({ name: 'ra', unit: 'deg', text: 'Right ascension <ICRS>' })
      const masked = format === 'tabledata' // astropy writes no null integers in binary
      for (const [at, name] of ['id', 'name'].entries()) {
        expect(column(table, name)[4999 * at], name).toBe(598685936751287040n + BigInt(4999 * at))
      }
      const expected: Record<string, (i: number) => number> = {
        ra: (i) => i / 7,
        dec: (i) => (i % 10 === 3 ? Number.NaN : i === 0 ? -0 : -i / 101),
        g: (i) => Math.fround(10 + i / 900),
        int: (i) => i * 1000,
        byte: (i) => i % 256,
      }
      if (masked) expected.short = (i) => (i % 4 === 1 ? Number.NaN : i)
      for (const [name, value] of Object.entries(expected)) {
        const wrong = column(table, name).findIndex((seen, i) => {
          // As text, a float is read to the digits given; it is the same float.
          const number = name === 'g' ? Math.fround(Number(seen)) : Number(seen)
          return !Object.is(number + 0, value(i) + 0)
        })
        expect(wrong, `${name}: first wrong row`).toBe(-1)
      }
    }
  },
)

const FIELDS = '<FIELD name="id" datatype="long"/><FIELD name="ra" datatype="double" ref="G"/>'

function document(fields: string, data: string, before = ''): string {
  return `<?xml version="1.0"?><v:VOTABLE xmlns:v="http://www.ivoa.net/xml/VOTable/v1.3" version="1.3">${before}
<v:RESOURCE><v:TABLE>${fields}<v:DATA>${data}</v:DATA></v:TABLE></v:RESOURCE></v:VOTABLE>`.replaceAll(
    /<(\/?)(?=[A-Z])/g,
    '<$1v:',
  )
}

test('the epoch of the coordinate system comes along, whatever the prefix of the elements', async () => {
  const table = await read(
    document(
      FIELDS,
      '<TABLEDATA><TR><TD>7</TD><TD><![CDATA[1.5]]></TD></TR></TABLEDATA>',
      '<COOSYS ID="J" system="ICRS" epoch="J2000.0"/><COOSYS ID="G" system="ICRS" epoch="2016.0"/><INFO name="QUERY_STATUS" value="OVERFLOW"/>',
    ),
  )
  expect(table.fields[1]!.epochYr).toBe(2016)
  expect(column(table, 'ra')).toEqual([1.5])
  expect(table.remarks.join('\n')).toContain('QUERY_STATUS = OVERFLOW')
})

test('VALUES null stands for no value in every serialisation', async () => {
  const fields = '<FIELD name="ra" datatype="short"><VALUES null="-99"/></FIELD>'
  expect(
    column(
      await read(document(fields, '<TABLEDATA><TR><TD>-99</TD></TR><TR><TD>5</TD></TR></TABLEDATA>')),
      'ra',
    ),
  ).toEqual([Number.NaN, 5])
  const bytes = Buffer.from([0xff, 0x9d, 0, 5]).toString('base64')
  const stream = `<BINARY><STREAM encoding="base64">\n${bytes}\n</STREAM></BINARY>`
  expect(column(await read(document(fields, stream)), 'ra')).toEqual([Number.NaN, 5])
})

test('base64 may be cut anywhere, in lines, with carriage returns as references, and hold no row at all', async () => {
  const fields = '<FIELD name="ra" datatype="double"/>'
  const values = Float64Array.from({ length: 100 }, (_, i) => i / 7)
  const bytes = Buffer.from(values.slice().buffer).swap64().toString('base64')
  for (const end of ['\n', '\r\n', '&#13;\n', '']) {
    const text = bytes.replaceAll(/.{76}/g, `$&${end}`)
    for (const inner of [text, `<![CDATA[${text.replaceAll('&#13;', '\r')}]]>`]) {
      const content = document(fields, `<BINARY><STREAM encoding="base64">${inner}</STREAM></BINARY>`)
      for (const size of [1, 5, 64, 1000]) {
        expect(column(await read(content, size), 'ra')).toEqual(Array.from(values))
      }
    }
  }
  const none = document(fields, '<BINARY2><STREAM encoding="base64"></STREAM></BINARY2>')
  expect(await read(none)).toMatchObject({ rows: 0, columns: [new Float64Array(0)] })
})

test('variable arrays, bits and wide characters are stepped over', async () => {
  const fields =
    '<FIELD name="list" datatype="float" arraysize="*"/><FIELD name="flag" datatype="bit" arraysize="11"/>' +
    '<FIELD name="bytes" datatype="unicodeChar" arraysize="2x3*"/><FIELD name="ra" datatype="float"/>'
  const row = Buffer.alloc(4 + 8 + 2 + 4 + 12 + 4)
  row.writeUInt32BE(2, 0)
  row.writeUInt32BE(6, 14)
  row.writeFloatBE(1.25, 30)
  const stream = `<BINARY><STREAM encoding="base64">${Buffer.concat([row, row]).toString('base64')}</STREAM></BINARY>`
  expect(column(await read(document(fields, stream)), 'ra')).toEqual([1.25, 1.25])
})

test('the second table is read when the first has no places', async () => {
  const first =
    '<TABLE><FIELD name="x" datatype="int"/><DATA><TABLEDATA><TR><TD>1</TD></TR></TABLEDATA></DATA></TABLE>'
  const second = `<TABLE>${FIELDS}<DATA><TABLEDATA><TR><TD>3</TD><TD>2</TD></TR></TABLEDATA></DATA></TABLE>`
  const third = second.replace('<TD>2</TD>', '<TD>9</TD>')
  const table = await read(`<VOTABLE><RESOURCE>${first}${second}${third}</RESOURCE></VOTABLE>`)
  expect([column(table, 'id'), column(table, 'ra')]).toEqual([[3n], [2]])
  await expect(read(`<VOTABLE><RESOURCE>${first}</RESOURCE></VOTABLE>`)).rejects.toThrow('no ra')
})

const CELLS = '<TABLEDATA><TR><TD>1</TD><TD>2</TD></TR></TABLEDATA>'
test.each([
  ['a file cut short', document(FIELDS, CELLS).slice(0, -60), /not well-formed XML/],
  ['an unclosed element', document(FIELDS, '<TABLEDATA><TR><TD>1</TR></TABLEDATA>'), /not well-formed/],
  ['a table without data', '<VOTABLE><RESOURCE/></VOTABLE>', /without a table of data/],
  [
    'the error of a service',
    '<VOTABLE><RESOURCE><INFO name="QUERY_STATUS" value="ERROR">Unknown column &quot;pmraa&quot;</INFO></RESOURCE></VOTABLE>',
    /error message of a catalogue service: Unknown column "pmraa"/,
  ],
  [
    'garbage in a cell',
    document(FIELDS, CELLS.replace('<TD>2', '<TD>two')),
    /row 1: "two" under ra is not a number/,
  ],
  [
    'a row of too few cells',
    document(FIELDS, CELLS.replace('<TD>2</TD>', '')),
    /row 1 has 1 cells .* 2 fields/,
  ],
  [
    'data elsewhere',
    document(FIELDS, '<BINARY2><STREAM href="http://x/y"/></BINARY2>'),
    /keeps its rows elsewhere/,
  ],
  [
    'FITS inside',
    document(FIELDS, '<FITS><STREAM encoding="base64">AA==</STREAM></FITS>'),
    /wraps a FITS table/,
  ],
  [
    'binary rows cut short',
    document(FIELDS, '<BINARY><STREAM encoding="base64">AAAA</STREAM></BINARY>'),
    /within row 1/,
  ],
])('refuses %s in a sentence', async (_, text, message) => {
  await expect(read(text)).rejects.toThrow(UserError)
  await expect(read(text)).rejects.toThrow(message)
})

test('10 MB of TABLEDATA are read in seconds', async () => {
  const row = '<TR><TD>598685936751287040</TD><TD>132.63087291762125</TD></TR>\n'
  const rows = Math.ceil(10e6 / row.length)
  const text = document(FIELDS, `<TABLEDATA>${row.repeat(rows)}</TABLEDATA>`)
  const started = performance.now()
  const table = await read(text, 1 << 18)
  const seconds = (performance.now() - started) / 1000
  console.log(`10 MB of VOTable TABLEDATA: ${seconds.toFixed(2)} s`)
  expect(table.rows).toBe(rows)
  expect(seconds).toBeLessThan(15)
})
