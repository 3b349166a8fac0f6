// What killed processes leave in a store: told while it may still be in use, removed when it is old.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { strays } from '../../../src/catalog/store/strays.ts'
import { fill, starsInCell } from './stars.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'platepipe-test-strays-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const TWO_DAYS_AGO = new Date(Date.now() - 48 * 3600_000)

async function workFolder(name: string, isOld: boolean): Promise<void> {
  const path = join(folder, name)
  await mkdir(path)
  await writeFile(join(path, '3-17'), 'stars')
  if (!isOld) return
  await utimes(join(path, '3-17'), TWO_DAYS_AGO, TWO_DAYS_AGO)
  await utimes(path, TWO_DAYS_AGO, TWO_DAYS_AGO)
}

test('the work folder of a killed import goes with the next filling once it is old, and no other folder does', async () => {
  await workFolder('platepipe-import-aB3xYz', true)
  await workFolder('platepipe-import-young1', false)
  await workFolder('letters', true)
  expect(await strays(folder, null, false)).toEqual([
    { file: 'platepipe-import-aB3xYz', bytes: 5, old: true, removed: false },
    { file: 'platepipe-import-young1', bytes: 5, old: false, removed: false },
  ])
  const cell = { order: 0, pixel: 3 }
  await fill(folder, [{ cell, stars: starsInCell(1, cell, 20) }])
  expect(existsSync(join(folder, 'platepipe-import-aB3xYz'))).toBe(false)
  expect(existsSync(join(folder, 'platepipe-import-young1', '3-17'))).toBe(true)
  expect(existsSync(join(folder, 'letters', '3-17'))).toBe(true)
})

test('a work folder whose files still grow is not old, however long ago it was made', async () => {
  await workFolder('platepipe-import-growin', true)
  await writeFile(join(folder, 'platepipe-import-growin', '3-18'), 'more')
  await utimes(join(folder, 'platepipe-import-growin'), TWO_DAYS_AGO, TWO_DAYS_AGO)
  expect(await strays(folder, null, true)).toMatchObject([{ old: false, removed: false, bytes: 9 }])
})
