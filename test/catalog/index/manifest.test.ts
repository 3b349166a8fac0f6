// The manifest of the indexes: what is written is read again, by any number of writers, and damage is named.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addIndex, type IndexEntry, readIndexes } from '../../../src/catalog/index/manifest.ts'
import { UserError } from '../../../src/errors.ts'
import { mocOfCells } from '../../../src/math/moc.ts'
import { temporaryFolder } from './stores.ts'

let folder = ''
let remove = async () => {}
beforeAll(async () => {
  const made = await temporaryFolder()
  folder = made.root
  remove = made.remove
})
afterAll(() => remove())

function entry(file: string, changes: Partial<IndexEntry> = {}): IndexEntry {
  return {
    file,
    release: 'gaia-dr2',
    epoch_yr: 1951.9,
    quads_arcmin: [2, 4],
    region: 'cell 2/137',
    moc: mocOfCells([{ order: 2, pixel: 137 }]),
    limit_mag: 17.3,
    stars: 12345,
    bytes: 5,
    sha256: 'ab',
    generation: 7,
    stars_sha256: 'cd',
    program_version: '0.93',
    command: ['build-astrometry-index', '-i', 'stars.fits'],
    ...changes,
  }
}

test('no manifest is no index', async () => {
  expect(await readIndexes(join(folder, 'nowhere'))).toEqual([])
})

test('an entry comes back as it was, and replaces one of the same epoch, quads and region with its file', async () => {
  writeFileSync(join(folder, 'old.fits'), 'index')
  const old = entry('old.fits')
  const other = entry('other.fits', { epoch_yr: 1960, limit_mag: null, program_version: null })
  await addIndex(folder, old)
  await addIndex(folder, other)
  expect(await readIndexes(folder)).toEqual([old, other])
  const next = entry('new.fits', { stars: 999 })
  await addIndex(folder, next)
  expect(await readIndexes(folder)).toEqual([next, other])
  expect(readdirSync(folder)).not.toContain('old.fits')
})

test('twenty writers at once lose no entry', async () => {
  const mine = Array.from({ length: 20 }, (_, n) =>
    entry(`n${String(n).padStart(2, '0')}.fits`, { region: `cell 3/${n}` }),
  )
  await Promise.all(mine.map((one) => addIndex(folder, one)))
  const found = (await readIndexes(folder)).map(({ file }) => file)
  expect(found).toEqual([...mine.map(({ file }) => file), 'new.fits', 'other.fits'])
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
})

test('a damaged manifest is named, with what to do', async () => {
  const last = readdirSync(folder)
    .filter((name) => name.startsWith('indexes-'))
    .sort()
    .at(-1)!
  const path = join(folder, last)
  const whole = readFileSync(path, 'utf8')
  for (const text of [whole.slice(0, 500), whole.replace('"epoch_yr":1960', '"epoch_yr":"soon"'), '[]']) {
    writeFileSync(path, text)
    const error = await readIndexes(folder).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).message).toContain(path)
  }
  writeFileSync(path, whole)
  expect(await readIndexes(folder)).toHaveLength(22)
})
