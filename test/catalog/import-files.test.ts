// The commands import and query, end to end: what goes in comes out, value by value, in every format, read by astropy too.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { separationDeg } from '../../src/math/sphere.ts'
import { platepipe } from '../support/cli.ts'

const DR2 = '../shared/gaia/serpens-dr2.csv'
const DR3 = '../shared/gaia/m67-dr3.csv'
const SERPENS = ['--ra', '235.486', '--dec', '11.093', '--radius', '0.85']
const hasStars = existsSync(DR2) && existsSync(DR3)
if (!hasStars) console.log('skipped: import and query of real stars need ../shared/gaia')

let folder = ''
let store = ''
const at = (name: string) => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'platepipe-test-import-'))
  store = at('store')
  if (!hasStars) return
  for (const file of [DR2, DR3]) {
    const run = await platepipe(['catalog', 'import', file, '--catalog', store])
    expect(run.status, run.stderr).toBe(0)
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

type Row = Record<string, string>

function rowsOf(csv: string): Map<string, Row> {
  const [header, ...lines] = csv.trim().split(/\r?\n/)
  const names = header!.split(',')
  const rows = lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i]!, cell])))
  return new Map(rows.map((row) => [row.source_id!, row]))
}

const SINGLE = new Set(['phot_g_mean_mag', 'bp_rp', 'ruwe'])

/** Columns of the first that are not the same number in the second; single reals as such. */
function differing(truth: Row, found: Row): string[] {
  return Object.keys(truth).filter((name) => {
    const [a, b] = [truth[name]!, found[name]!]
    if (a === '' || b === '') return a !== b
    if (name === 'source_id') return a !== b
    const same = (value: string) => (SINGLE.has(name) ? Math.fround(Number(value)) : Number(value))
    return same(a) !== same(b)
  })
}

describe.skipIf(!hasStars)('what is imported', () => {
  test.each([
    [DR2, 'gaia-dr2', SERPENS],
    [DR3, 'gaia-dr3', ['--ra', '132.82', '--dec', '11.80', '--radius', '0.75']],
  ])('%s comes out again, every star and every value', async (file, release, cone) => {
    const run = await platepipe(['catalog', 'query', '--catalog', store, '--release', release, ...cone])
    expect(run.status, run.stderr).toBe(0)
    const truth = rowsOf(await readFile(file, 'utf8'))
    const found = rowsOf(run.stdout)
    expect(found.size).toBe(truth.size)
    const wrong = [...truth].flatMap(([id, row]) =>
      differing(row, found.get(id) ?? {}).map((name) => `${id} ${name}`),
    )
    expect(wrong).toEqual([])
    const mags = [...found.values()].map((row) =>
      row.phot_g_mean_mag === '' ? 99 : Number(row.phot_g_mean_mag),
    )
    expect(mags).toEqual(mags.toSorted((a, b) => a - b))
  })

  test('a limit of magnitude and a cone give the stars that the file has there', async () => {
    const cone = ['--ra', '235.3', '--dec', '11.2', '--radius', '0.3', '--limit-mag', '16.5']
    const run = await platepipe(['catalog', 'query', '--catalog', store, ...cone])
    const truth = [...rowsOf(await readFile(DR2, 'utf8')).values()].filter(
      (row) =>
        Number(row.phot_g_mean_mag) <= 16.5 &&
        separationDeg(Number(row.ra), Number(row.dec), 235.3, 11.2) <= 0.3,
    )
    expect(truth.length).toBeGreaterThan(50)
    expect([...rowsOf(run.stdout).keys()].sort()).toEqual(truth.map((row) => row.source_id).sort())
  })

  test('in each format, astropy reads what the CSV says, at the epoch that was asked for', async () => {
    const files = ['csv', 'fits', 'vot', 'parquet'].map((ending) => at(`stars.${ending}`))
    for (const file of files) {
      const args = [
        'catalog',
        'query',
        '--catalog',
        store,
        ...SERPENS,
        '--limit-mag',
        '15',
        '--epoch',
        '1893.5',
        '-o',
        file,
      ]
      const run = await platepipe(args)
      expect(run.status, run.stderr).toBe(0)
    }
    const script = `
import csv, sys
from astropy.io import fits, votable
rows = list(csv.DictReader(open(sys.argv[1])))
for table in (fits.getdata(sys.argv[2], 1), votable.parse_single_table(sys.argv[3]).array):
    assert len(table) == len(rows), (len(table), len(rows))
    for name in rows[0]:
        column = table[name]
        for i, row in enumerate(rows):
            text, value = row[name], column[i]
            if text == '':
                assert value != value or getattr(value, 'mask', False), (name, i, value)
            elif name == 'source_id':
                assert int(value) == int(text), (name, i, value, text)
            else:
                assert abs(float(value) - float(text)) <= 1e-7 * abs(float(text)), (name, i, value, text)
print(len(rows), rows[0]['ref_epoch'])`
    const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', script, ...files.slice(0, 3)])
    const [stars, epoch] = stdout.trim().split(' ')
    expect(Number(stars)).toBeGreaterThan(300)
    expect(epoch).toBe('1893.5')
    const again = await platepipe([
      'catalog',
      'import',
      at('stars.parquet'),
      '--catalog',
      at('from-parquet'),
      '--json',
    ])
    const told = JSON.parse(again.stdout.trim().split('\n').at(-1)!)
    expect(told).toMatchObject({ ref_epoch_yr: 1893.5, rows: Number(stars) })
  })
})

describe.skipIf(!hasStars)('a store', () => {
  test('is the same after the same file once more', async () => {
    const before = await platepipe(['catalog', 'query', '--catalog', store, ...SERPENS])
    const again = await platepipe(['catalog', 'import', DR2, '--catalog', store])
    expect(again.stdout).toContain('10499 stars in all')
    expect((await platepipe(['catalog', 'query', '--catalog', store, ...SERPENS])).stdout).toBe(before.stdout)
  })

  test('refuses files of two releases at once, and is as it was', async () => {
    const fresh = at('mixed')
    const run = await platepipe(['catalog', 'import', DR2, DR3, '--catalog', fresh])
    expect(run.status).toBe(2)
    expect(run.stderr).toMatch(/gaia-dr3.*gaia-dr2.*\n.*each release by itself/)
    const names = existsSync(fresh) ? await readdir(fresh, { recursive: true }) : []
    expect(names.filter((name) => /\.(json|arrow|part)$/.test(name))).toEqual([])
  })

  test('knows what a person says that a file covers, and estimates it where nobody says', async () => {
    const said = at('said')
    await platepipe(['catalog', 'import', DR2, '--catalog', said, ...SERPENS.slice(0, 4), '--radius', '0.83'])
    const info = await platepipe(['catalog', 'info', '--catalog', said, '--json'])
    expect(info.stdout).toMatch(/"estimated": ?false/)
    const guessed = await platepipe([
      'catalog',
      'info',
      '--catalog',
      store,
      '--release',
      'gaia-dr2',
      '--json',
    ])
    expect(guessed.stdout).toMatch(/"estimated": ?true/)
  })

  test('takes columns of other names by --map, and says which names there are', async () => {
    const csv =
      'NUM,ALPHA,DELTA,PMA,PMD,MAGNITUDE\n7,10.5,-20.25,1.5,-2.5,11.25\n8,10.6,-20.35,3.5,4.5,12.5\n'
    await writeFile(at('own.csv'), csv)
    const own = ['catalog', 'import', at('own.csv'), '--catalog', at('own'), '--release', 'gaia-dr2']
    const without = await platepipe(own)
    expect(without.status).toBe(2)
    expect(without.stderr).toMatch(/NUM, ALPHA, DELTA/)
    const map = 'source_id=NUM,ra=ALPHA,dec=DELTA,pmra=PMA,pmdec=PMD,phot_g_mean_mag=MAGNITUDE'
    const run = await platepipe([...own, '--map', map])
    expect(run.status, run.stderr).toBe(0)
    const query = [
      'catalog',
      'query',
      '--catalog',
      at('own'),
      '--ra',
      '10.5',
      '--dec',
      '-20.3',
      '--radius',
      '1',
    ]
    const found = rowsOf((await platepipe(query)).stdout)
    expect(found.get('8')).toMatchObject({ ra: '10.6', dec: '-20.35', pmra: '3.5', phot_g_mean_mag: '12.5' })
    expect(found.size).toBe(2)
  })
})
