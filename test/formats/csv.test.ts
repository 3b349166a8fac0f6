// Text tables as services and people write them.
import { expect, test } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { type ColumnTable, idOf, numberOf } from '../../src/formats/columntable.ts'
import { readCsv } from '../../src/formats/csv.ts'

/** The text in pieces of `size` bytes, so that lines and characters are cut anywhere. */
async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
}

function read(text: string, size = 7): Promise<ColumnTable> {
  return readCsv(pieces(text, size), 'stars.csv', (fields) =>
    fields.map(({ name }) => (name === 'id' ? 'id' : name === 'note' ? 'skip' : 'number')),
  )
}

const EXPECTED = { id: [598685936751287041n, 0n], ra: [132.5, 0.25], dec: [-11.75, Number.NaN] }

async function expectStars(text: string): Promise<ColumnTable> {
  for (const size of [1, 3, 1000]) {
    const table = await read(text, size)
    const column = (name: string) => {
      const i = table.fields.findIndex((field) => field.name === name)
      return Array.from(table.columns[i] as ArrayLike<number | bigint>)
    }
    expect(table.rows).toBe(2)
    expect({ id: column('id'), ra: column('ra'), dec: column('dec') }).toEqual(EXPECTED)
  }
  return await read(text)
}

test.each([
  ['commas', 'id,ra,dec\n598685936751287041,132.5,-11.75\n,0.25,\n'],
  ['no end of the last line', 'id,ra,dec\n598685936751287041,132.5,-11.75\n,0.25,'],
  ['CRLF and a byte-order mark', '\ufeffid,ra,dec\r\n598685936751287041,132.5,-11.75\r\n,0.25,\r\n'],
  ['semicolons and blanks', 'id ; ra ; dec\n598685936751287041 ; 132.5 ; -11.75\n ; 0.25 ; \n'],
  ['tabs and blank lines', '\n\nid\tra\tdec\n\n598685936751287041\t132.5\t-11.75\n\n0\t0.25\tnull\n\n'],
  ['bars', 'id|ra|dec\n598685936751287041|132.5|-11.75\n|0.25|\n'],
  ['runs of blanks', '  id    ra    dec\n598685936751287041 132.5  -11.75\n  0   0.25  nan\n'],
  ['quotes', '"id","note","ra","dec"\n"598685936751287041","a, ""b""",132.5,"-11.75"\n"","",0.25,""\n'],
  [
    'blanks and quotes',
    'note id ra dec\n"a ""b"" c" "Gaia DR3 598685936751287041" 132.5 -11.75\n"" "" 0.25 ""\n',
  ],
  ['words for nothing', 'id,ra,dec\n598685936751287041,132.5,-11.75\nnull,0.25,NULL\n'],
  ['a designation', 'id,ra,dec\nGaia DR3 598685936751287041,132.5,-11.75\n,0.25,--\n'],
  ['exponents', 'id,ra,dec\n598685936751287041,1.325E2,-1175e-2\n,2.5D-01,\n'],
  ['empty cells after the last name', 'id,ra,dec\n598685936751287041,132.5,-11.75,,\n,0.25,,\n'],
  ['comments between stars', '# a\nid,ra,dec\n598685936751287041,132.5,-11.75\n# b\n,0.25,\n'],
  ['names in the last comment (TOPCAT)', '# id ra dec\n 598685936751287041 132.5 -11.75\n 0 0.25 nan\n'],
])('reads a table with %s', async (_, text) => {
  await expectStars(text)
})

test("keeps VizieR's units, descriptions and comments, and drops its line of dashes", async () => {
  const table = await expectStars(
    [
      '#',
      '#Name: I/355/gaiadr3',
      '#Column\tra\t(F15.11)\tRight ascension (ICRS) at Ep=2016.0\t[ucd=pos.eq.ra;meta.main]',
      'id\tra\tdec',
      '\tdeg\tdeg',
      '-------------------\t-----\t------',
      '598685936751287041\t132.5\t-11.75',
      '                  \t 0.25\t      ',
      '',
    ].join('\n'),
  )
  expect(table.fields[1]!.unit).toBe('deg')
  expect(table.fields[1]!.text).toContain('Ep=2016.0')
  expect(table.remarks).toContain('Name: I/355/gaiadr3')
})

test('takes units from an ECSV header, as Gaia bulk files have it', async () => {
  const table = await expectStars(
    [
      '# %ECSV 1.0',
      '# ---',
      "# delimiter: ','",
      '# datatype:',
      '# - {name: id, datatype: int64}',
      '# - {name: ra, unit: deg, datatype: float64, description: Right ascension}',
      '# - {name: dec, unit: deg, datatype: float64}',
      'id,ra,dec',
      '598685936751287041,132.5,-11.75',
      'null,0.25,null',
    ].join('\n'),
  )
  expect(table.fields.map(({ unit }) => unit)).toEqual(['', 'deg', 'deg'])
})

test.each([
  ['text for a number', 'id,ra,dec\n1,2,3\n4,abc,6\n', /line 3: "abc" under ra is not a number/],
  ['a decimal comma', 'id;ra;dec\n1;2,5;3\n', /line 2: "2,5" under ra/],
  ['hexadecimal', 'id,ra,dec\n1,0x10,3\n', /"0x10"/],
  ['infinity', 'id,ra,dec\n1,Infinity,3\n', /"Infinity"/],
  ['too few fields', 'id,ra,dec\n1,2,3\n4,5\n', /line 3 has 2 fields where the first line names 3/],
  ['too many fields', 'id,ra,dec\n1,2,3\n4,5,6,7\n', /line 3 has 4 fields/],
  ['units after the first star', 'id,ra,dec\n1,2,3\n,deg,deg\n', /line 3: "deg"/],
])('refuses %s and names the line', async (_, text, message) => {
  await expect(read(text)).rejects.toThrow(UserError)
  await expect(read(text)).rejects.toThrow(message)
})

test('an empty text and one of comments only have no columns', async () => {
  expect(await read('')).toMatchObject({ fields: [], rows: 0 })
  expect(await read('# nothing\n\n')).toMatchObject({ fields: [], rows: 0, remarks: ['nothing'] })
})

test('identifiers of any length are exact, or 0 where they are none', async () => {
  const ids = ['1', '999999999', '1000000000', '123456789012345678', '9223372036854775807', '0', '007']
  const others = [
    '9223372036854775808',
    '9999999999999999999',
    '12345678901234567890',
    '1e5',
    '-5',
    '12x',
    '',
  ]
  const table = await read(`id,ra\r\n${[...ids, ...others].map((id) => `${id},1\r\n`).join('')}`)
  expect(Array.from(table.columns[0] as BigInt64Array)).toEqual([...ids.map(BigInt), ...others.map(() => 0n)])
  const last = await read(`ra,id\r\n${ids.map((id) => `1,${id}\r\n`).join('')}`)
  expect(Array.from(last.columns[1] as BigInt64Array)).toEqual(ids.map(BigInt))
})

test('numbers are read as written, identifiers to the last digit', () => {
  const cells: [string, number | undefined][] = [
    ['1.5', 1.5],
    [' -0.1 ', -0.1],
    ['+1e-7', 1e-7],
    ['.5', 0.5],
    ['5.', 5],
    ['', Number.NaN],
    ['  ', Number.NaN],
    ['NaN', Number.NaN],
    ['--', Number.NaN],
    ['1D3', 1000],
    ['0x1F', undefined],
    ['1 2', undefined],
    ['12h', undefined],
    ['-', Number.NaN],
  ]
  for (const [cell, value] of cells) expect(numberOf(cell), `"${cell}"`).toBe(value)
  expect(idOf('9223372036854775807')).toBe(9223372036854775807n)
  expect(idOf('9223372036854775808')).toBe(0n)
  expect(idOf('Gaia DR2 1189241603488385280')).toBe(1189241603488385280n)
  expect(idOf('5.9e17')).toBe(0n)
})

test('a long table is read in a time that lets 100 MB be read', async () => {
  const row =
    '598685936751287040,2016.0,132.63087291762125,11.147239149336025,,0.12,-4.55,0.81,20.907682,1.57,\n'
  const rows = Math.ceil(10e6 / row.length)
  const text = `id,e,ra,dec,plx,s,pmra,pmdec,g,bprp,ruwe\n${row.repeat(rows)}`
  const started = performance.now()
  const table = await read(text, 1 << 18)
  const seconds = (performance.now() - started) / 1000
  console.log(`10 MB of CSV, ${rows} rows of 11 columns: ${seconds.toFixed(2)} s`)
  expect(table.rows).toBe(rows)
  expect(seconds).toBeLessThan(5)
})
