// --map: pairs of names, and what is wrong with others.
import { expect, test } from 'vitest'
import { COLUMN_MAP } from '../../../src/catalog/columnmap.ts'
import { parseColumnNames, rolesGiven } from '../../../src/catalog/import/map-option.ts'
import { ROLES } from '../../../src/catalog/import/roles.ts'
import { STORED_NAMES } from '../../../src/catalog/store/star-table.ts'
import { UserError } from '../../../src/errors.ts'

test('names of the store are given names of the file', () => {
  const names = parseColumnNames('ra=ALPHA_J2000, dec = DELTA=2000 ,ref_epoch=Ep')
  expect([...names]).toEqual([
    ['ra', 'ALPHA_J2000'],
    ['dec', 'DELTA=2000'],
    ['ref_epoch', 'Ep'],
  ])
  expect([...rolesGiven(names).keys()]).toEqual(['raDeg', 'decDeg', 'refEpochYr'])
})

test.each([
  ['ra', /"ra" in --map is not a pair/, /ra=ALPHA_J2000/],
  ['ra=', /"ra=" in --map/, /pairs/],
  ['', /"" in --map/, /pairs/],
  [
    'RA_J2000=ra',
    /the store has no column RA_J2000/,
    /source_id, ra, dec, .*visibility_periods_used, ref_epoch/,
  ],
  ['ra=a,ra=b', /names ra twice/, /one column/],
])('"%s" is refused in a sentence', (text, found, todo) => {
  const parse = () => parseColumnNames(text)
  expect(parse).toThrow(UserError)
  expect(parse).toThrow(found)
  try {
    parse()
  } catch (error) {
    expect((error as UserError).todo).toMatch(todo)
  }
})

test("every column of the store is known by Gaia's own name", () => {
  for (const name of STORED_NAMES) expect(COLUMN_MAP.columns[ROLES[name]].names, name).toContain(name)
  expect(new Set(Object.values(ROLES)).size).toBe(STORED_NAMES.length + 1)
})
