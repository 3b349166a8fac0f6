// The published columns: complete against the contract, described, and in words that the IVOA knows.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  CATALOGUE_COLUMNS,
  columnsAsMarkdown,
  DETECTION_COLUMNS,
  type PublishedColumn,
} from '../src/columns.ts'

const LISTS: Record<string, readonly PublishedColumn[]> = {
  catalogue: CATALOGUE_COLUMNS,
  detections: DETECTION_COLUMNS,
}
const CONTRACT = [
  'det_id x y x_error y_error ra dec ra_error dec_error ra_dec_corr exposure source_id ref_ra ref_dec resid_ra resid_dec',
  'used phot_g_mean_mag bp_rp mag_inst mag_inst_error mag mag_error fwhm ellipticity theta peak sex_flags p_star reject',
]
  .join(' ')
  .split(' ')

test('the catalogue has every column of the contract', () => {
  const names: string[] = CATALOGUE_COLUMNS.map(({ name }) => name)
  expect(names.filter((name) => CONTRACT.includes(name))).toEqual(CONTRACT)
  expect(names.filter((name) => !CONTRACT.includes(name))).toEqual(['epoch', 'mag_model']) // what was added since
})

test('the contract as written has no column that is not published', ({ skip }) => {
  const path = new URL('../../shared/design/outputs.md', import.meta.url)
  if (!existsSync(path)) skip('skipped: ../shared/design/outputs.md is not there')
  const section = readFileSync(path, 'utf8').split('## Columns of the catalogue')[1]!
  const names = [...section.matchAll(/`([a-z_ ]+)`/g)].flatMap(([, list]) => list!.split(' '))
  expect(names.length).toBe(CONTRACT.length)
  expect(new Set(names)).toEqual(new Set(CONTRACT))
})

test.each(Object.keys(LISTS))(
  'every column of the %s has a name of its own, a sentence and a UCD',
  (list) => {
    const columns = LISTS[list]!
    expect(new Set(columns.map(({ name }) => name)).size).toBe(columns.length)
    for (const { name, text, ucd } of columns) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
      expect(name.length, name).toBeLessThanOrEqual(18) // the room of a TTYPE card that keeps its comment
      expect(text.length, name).toBeGreaterThan(8)
      expect(text.length, name).toBeLessThanOrEqual(68)
      expect(text, name).toMatch(/^[A-Z]/)
      expect(text, name).not.toMatch(/\.$/)
      expect(ucd, name).toMatch(/^[a-z]/)
    }
  },
)

test("every UCD is made of the IVOA's words in their places, and every unit is a VOUnit and a FITS unit", () => {
  const all = Object.values(LISTS).flat()
  const script = `
import json, sys
from astropy.io.votable.ucd import parse_ucd
from astropy import units
for ucd, unit in json.loads(sys.argv[1]):
    parse_ucd(ucd, check_controlled_vocabulary=True)
    for format in ('vounit', 'fits'): units.Unit(unit, format=format, parse_strict='raise')
`
  const pairs = JSON.stringify(all.map(({ ucd, unit }) => [ucd, unit]))
  execFileSync('/usr/bin/python3', ['-W', 'error', '-c', script, pairs])
})

test('the table of the documentation has a line for each column', () => {
  const lines = columnsAsMarkdown(CATALOGUE_COLUMNS).split('\n')
  expect(lines.length).toBe(CATALOGUE_COLUMNS.length + 2)
  expect(lines[2]).toContain('| `det_id` | int |')
  for (const line of lines) expect(line.match(/(?<!\\)\|/g)?.length, line).toBe(6)
})
