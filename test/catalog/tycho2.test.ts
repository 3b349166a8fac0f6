// Tycho-2 out of Debian's indexes, against Gaia, and at awkward places of the sky.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readReferenceStars, usableAsReference } from '../../src/catalog/read.ts'
import type { ReferenceStars } from '../../src/catalog/stars.ts'
import { placeNumber, readTycho2, tycho2ErrorMas, withMeanMotions } from '../../src/catalog/tycho2.ts'
import { Cancelled, UserError } from '../../src/errors.ts'
import { propagate } from '../../src/math/epoch.ts'
import { separationDeg } from '../../src/math/sphere.ts'

const INSTALLED = '/usr/share/astrometry'
const GAIA = new URL('../../../shared/gaia/', import.meta.url).pathname
let workDir: string
beforeAll(() => {
  workDir = mkdtempSync(join(tmpdir(), "tycho two's "))
})
afterAll(() => {
  expect(readdirSync(workDir).filter((name) => name.startsWith('tycho2-'))).toEqual([]) // it cleans up after itself
  rmSync(workDir, { recursive: true })
})

function around(
  raDeg: number,
  decDeg: number,
  radiusDeg: number,
  indexDirs = [INSTALLED],
): Promise<ReferenceStars> {
  return readTycho2({ raDeg, decDeg, radiusDeg }, { indexDirs, workDir })
}

function percentile(values: number[], part: number): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length * part)]!
}

test('a field has its stars once each, brightest first, with what Tycho-2 gives and nothing invented', async () => {
  const stars = await around(84, 0, 4)
  expect([stars.name, stars.refEpochYr, stars.meanMotions]).toEqual(['tycho-2', 2000, undefined])
  console.log(`${stars.length} stars within 4 degrees of 84 0`)
  expect(stars.length).toBeGreaterThan(2400)
  expect(new Set(stars.sourceId).size).toBe(stars.length)
  expect(stars.sourceId.includes(0n)).toBe(false)
  expect(Math.min(...stars.gMag)).toBe(stars.gMag[0])
  expect(stars.gMag.every((mag, i) => i === 0 || mag >= stars.gMag[i - 1]!)).toBe(true)
  expect([stars.pmRaMasYr, stars.pmDecMasYr, stars.parallaxMas].every((c) => c.every(Number.isNaN))).toBe(
    true,
  )
  expect(usableAsReference(stars).length).toBe(0)
  const moving = withMeanMotions(stars)
  expect(usableAsReference(moving).length).toBe(stars.length)
  expect(moving.meanMotions).toBe(true)
  expect(moving.assumptions.join()).toMatch(/no proper motions: the mean motion/)
  for (let i = 0; i < stars.length; i++) {
    expect(separationDeg(stars.raDeg[i]!, stars.decDeg[i]!, 84, 0)).toBeLessThanOrEqual(4.0001)
  }
})

test.each([
  ['m67-dr3', 132.82, 11.8, 0.68],
  ['serpens-dr2', 235.486, 11.093, 0.8],
])('its places at 2000.0 and their errors agree with Gaia moved there: %s', async (name, ra, dec, radius) => {
  if (!existsSync(GAIA)) {
    console.log('skipped: ../shared/gaia is not there')
    return
  }
  const tycho = await around(ra, dec, radius)
  const gaia = await readReferenceStars(join(GAIA, `${name}.csv`))
  const bright = usableAsReference(gaia).filter((i) => gaia.gMag[i]! < 13.5)
  const moved = Array.from(bright, (i) =>
    propagate(
      {
        raDeg: gaia.raDeg[i]!,
        decDeg: gaia.decDeg[i]!,
        pmRaMasYr: gaia.pmRaMasYr[i]!,
        pmDecMasYr: gaia.pmDecMasYr[i]!,
        parallaxMas: 0,
        radialVelocityKmS: 0,
      },
      2000 - gaia.refEpochYr,
    ),
  )
  const pulls: number[] = []
  let paired = 0
  for (let i = 0; i < tycho.length; i++) {
    const [r, d] = [tycho.raDeg[i]!, tycho.decDeg[i]!]
    const nearest = moved.reduce((a, b) =>
      separationDeg(a.raDeg, a.decDeg, r, d) < separationDeg(b.raDeg, b.decDeg, r, d) ? a : b,
    )
    if (separationDeg(nearest.raDeg, nearest.decDeg, r, d) > 2 / 3600) continue
    paired++
    pulls.push(Math.abs((r - nearest.raDeg) * Math.cos((d * Math.PI) / 180) * 3.6e6) / tycho.raErrorMas[i]!)
    pulls.push((Math.abs(d - nearest.decDeg) * 3.6e6) / tycho.decErrorMas[i]!)
  }
  const middle = percentile(pulls, 0.683)
  console.log(
    `${name}: ${paired} of ${tycho.length} paired; 68.3 % of the pulls are below ${middle.toFixed(2)}`,
  )
  expect(paired / tycho.length).toBeGreaterThan(0.95)
  expect(middle).toBeGreaterThan(0.6)
  expect(middle).toBeLessThan(1.5)
})

test('the pole, 0h from both sides and a right ascension of 360 are places like others', async () => {
  const pole = await around(0, 90, 2)
  expect(pole.length).toBeGreaterThan(200)
  expect(new Set(Array.from(pole.raDeg, (ra) => Math.floor(ra / 90))).size).toBe(4)
  const fields = await Promise.all([around(0, -20, 2), around(360, -20, 2), around(-1e-9, -20, 2)])
  expect(fields.map(({ length }) => length)).toEqual([
    fields[0]!.length,
    fields[0]!.length,
    fields[0]!.length,
  ])
  const sides = Array.from(fields[0]!.raDeg, (ra) => ra < 180)
  expect(new Set(sides).size).toBe(2)
  expect((await around(84, -89.9999, 0.6)).length).toBeGreaterThan(10)
})

test('a field without stars is empty, not an error', async () => {
  expect((await around(84, 89.99, 0.005)).length).toBe(0)
})

test('a folder that is missing, a damaged index and a second copy do not disturb', async () => {
  const folder = join(workDir, 'indexes é')
  mkdirSync(folder)
  writeFileSync(join(folder, 'index-tycho2-07.littleendian.fits'), 'SIMPLE  = nonsense')
  for (const scale of ['09', '10']) {
    const name = `index-tycho2-${scale}.littleendian.fits`
    symlinkSync(join(INSTALLED, name), join(folder, name))
  }
  const few = await around(84, 0, 2, ['/nowhere', folder])
  const all = await around(84, 0, 2, [INSTALLED, folder, INSTALLED])
  console.log(`${few.length} stars from index 09 and coarser, ${all.length} from all`)
  expect(few.length).toBeGreaterThan(100)
  expect(all.length).toBe((await around(84, 0, 2)).length)
  expect(few.length).toBeLessThan(all.length)
})

test('what is not installed is said, with what to install', async () => {
  const failure = (promise: Promise<unknown>): Promise<UserError> =>
    promise.then(
      () => Promise.reject(new Error('nothing was thrown')),
      (thrown) => thrown,
    )
  const none = await failure(around(84, 0, 1, ['/nowhere', workDir]))
  expect(none).toBeInstanceOf(UserError)
  expect(none.message).toContain('/nowhere')
  expect(none.todo).toContain('apt-get install astrometry-data-tycho2')
  const options = { indexDirs: [INSTALLED], workDir }
  const field = { raDeg: 84, decDeg: 0, radiusDeg: 1 }
  const program = await failure(readTycho2(field, { ...options, queryStarkd: '/nowhere/query-starkd' }))
  expect(program).toBeInstanceOf(UserError)
  expect(program.todo).toContain('--query-starkd')
  const folder = join(workDir, 'all damaged')
  mkdirSync(folder)
  writeFileSync(join(folder, 'index-tycho2-07.fits'), '')
  const damaged = await failure(around(84, 0, 1, [folder]))
  expect(damaged).toBeInstanceOf(UserError)
  expect(damaged.message).toMatch(/the stars of .*index-tycho2-07\.fits cannot be listed/)
})

test('a program that succeeds without a table is not believed, and a cancelled run stops', async () => {
  const liar = join(workDir, 'liar')
  writeFileSync(liar, '#!/bin/sh\nexit 0\n')
  chmodSync(liar, 0o755)
  const field = { raDeg: 84, decDeg: 0, radiusDeg: 1 }
  const options = { indexDirs: [INSTALLED], workDir }
  await expect(readTycho2(field, { ...options, queryStarkd: liar })).rejects.toThrow(/cannot be listed/)
  await expect(readTycho2(field, { ...options, signal: AbortSignal.abort() })).rejects.toThrow(Cancelled)
})

test('the number of a place is made of its right ascension and declination in 0.1 arcsec', () => {
  expect(placeNumber(0, -89.9)).toBe(3600n)
  expect(placeNumber(84.5, 0)).toBe(3042000n * 10000000n + 3240000n)
  expect(placeNumber(359.99999, 89.99999)).toBeLessThan(2n ** 63n)
  expect(tycho2ErrorMas(5)).toBeLessThan(20)
  expect(tycho2ErrorMas(20)).toBe(tycho2ErrorMas(13.5))
})
