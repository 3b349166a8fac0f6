import { describe, expect, it } from 'vitest'
import { measurePolarity } from '../../../src/stages/ingest/polarity.ts'
import {
  changed,
  cut,
  havePlates,
  memoryScan,
  mirrored,
  negative,
  REAL_PLATES,
  random,
  realPlate,
  starField,
} from './scans.ts'

describe.skipIf(!havePlates)('the polarity of real plates', () => {
  it.each(REAL_PLATES)(
    '%s: stars are bright on it and on its mirror image, and dark on its negative',
    async (name) => {
      const plate = await realPlate(name)
      const seen = [
        await measurePolarity(plate),
        await measurePolarity(mirrored(plate)),
        await measurePolarity(negative(plate)),
      ]
      console.log(
        `${name}: ${seen.map((s) => `${s.polarity} (${s.evidence.bright} bright, ${s.evidence.dark} dark)`).join(', ')}`,
      )
      expect(seen.map((s) => [s.polarity, s.sure])).toEqual([
        ['positive', true],
        ['positive', true],
        ['negative', true],
      ])
      // Inverting a scan swaps the two counts: no side is favoured.
      expect([seen[2].evidence.dark, seen[2].evidence.bright]).toEqual([
        seen[0].evidence.bright,
        seen[0].evidence.dark,
      ])
    },
  )
  it('holds on a piece of nebula, and on pieces of 300 px', async () => {
    const horsehead = await realPlate('horsehead-serc-er-1990.fits')
    const orion = await realPlate('orion-harvard-b2312-1888.fits')
    for (const piece of [
      cut(horsehead, 0, 0, 500, 893),
      cut(horsehead, 450, 300, 400, 400),
      cut(orion, 450, 450, 300, 300), // M42
      cut(orion, 700, 1072, 300, 300), // the paper label, half of it on the unexposed strip
    ]) {
      expect(await measurePolarity(piece)).toMatchObject({ polarity: 'positive', sure: true })
      expect(await measurePolarity(negative(piece))).toMatchObject({ polarity: 'negative', sure: true })
    }
  })
})

describe('the polarity', () => {
  it.each([2, 4, 8, 16, 30])('is right for images of %i px', async (fwhm) => {
    const field = starField(1500, 1200, { stars: 1500 / fwhm, fwhm, seed: fwhm })
    expect(await measurePolarity(field)).toMatchObject({ polarity: 'positive', sure: true })
    expect(await measurePolarity(negative(field))).toMatchObject({ polarity: 'negative', sure: true })
  })
  it('is not turned by hairs and scratches of the other side', async () => {
    const next = random(3)
    const lines = Array.from({ length: 60 }, () => [next() * 800, next() * 600, next() * Math.PI])
    const spoilt = changed(starField(800, 600, { stars: 60 }), (v, x, y) =>
      lines.some(([cx, cy, a]) => {
        const [u, w] = [
          (x - cx) * Math.cos(a) + (y - cy) * Math.sin(a),
          (y - cy) * Math.cos(a) - (x - cx) * Math.sin(a),
        ]
        return Math.abs(u) < 40 && Math.abs(w) < 1
      })
        ? 500
        : v,
    )
    expect(await measurePolarity(spoilt)).toMatchObject({ polarity: 'positive', sure: true })
  })
  it('is right in a crowd, where stars have no sky around them and flaws win the count', async () => {
    // A star on every 100 pixels; 700 pinholes, far darker than the sky.
    const crowd = starField(800, 800, { stars: 6400, fwhm: 5, seed: 11 })
    const pinholes = pointsOf(700, 800, 12)
    const spoilt = changed(crowd, (v, x, y) => (pinholes.has(y * 800 + x) ? -30_000 : v))
    const seen = await measurePolarity(spoilt)
    const inverse = await measurePolarity(negative(spoilt))
    console.log(`crowd: ${JSON.stringify(seen)}`)
    expect(seen.evidence.dark).toBeGreaterThan(2 * seen.evidence.bright)
    expect(seen).toMatchObject({ polarity: 'positive', sure: true })
    expect(inverse).toMatchObject({ polarity: 'negative', sure: true })
    const { bright, dark, brightTails, darkTails } = seen.evidence
    expect(inverse.evidence).toMatchObject({
      bright: dark,
      dark: bright,
      brightTails: darkTails,
      darkTails: brightTails,
    })
  })
  it('is not turned by tails that only a few tiles have: a cloud of specks in a corner', async () => {
    const sparse = starField(1000, 1000, { stars: 150, fwhm: 4, seed: 13 })
    const specks = starField(1000, 1000, { stars: 16_000, fwhm: 4, seed: 14 })
    const spoilt = changed(sparse, (v, x, y) =>
      x < 250 && y < 250 ? v - (specks.values[y * 1000 + x] - 3000) : v,
    )
    expect(await measurePolarity(spoilt)).toMatchObject({ polarity: 'positive' })
    expect(await measurePolarity(negative(spoilt))).toMatchObject({ polarity: 'negative' })
  })
  it('is not sure of what stands out of grain that itself reaches farther to one side', async () => {
    const next = random(17)
    const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
    const grain = memoryScan(800, 800, () => Math.round(3000 * Math.exp(0.45 * normal())))
    const seen = await measurePolarity(grain)
    console.log(`grain: ${JSON.stringify(seen)}`)
    expect(seen.evidence.bright).toBeGreaterThan(20)
    expect(seen.sure).toBe(false)
    expect((await measurePolarity(negative(grain))).sure).toBe(false)
  })
  it('says that it is unsure of noise, and of a plate with as many specks as stars', async () => {
    const noise = starField(600, 600, { stars: 0 })
    expect((await measurePolarity(noise)).sure).toBe(false)
    const both = starField(600, 600, { stars: 60, seed: 5 })
    const specks = starField(600, 600, { stars: 60, seed: 6 })
    const mixed = changed(both, (v, x, y) => v - (specks.values[y * 600 + x] - 3000))
    expect((await measurePolarity(mixed)).sure).toBe(false)
  })
  it('is unsure, and does not fail, where all is blank or constant', async () => {
    for (const value of [Number.NaN, 7])
      expect(await measurePolarity(memoryScan(300, 300, () => value))).toMatchObject({
        sure: false,
        evidence: { bright: 0, dark: 0 },
      })
  })
  it('looks at more tiles where few stars are found', async () => {
    const sparse = starField(2600, 2600, { stars: 12, fwhm: 3 })
    const seen = await measurePolarity(sparse)
    console.log(`12 stars on 2600² px: ${JSON.stringify(seen)}`)
    expect(seen.polarity).toBe('positive')
    expect(seen.evidence.tiles).toBe(100)
  })
})

/** Places of `count` pixels of a square of that side. */
function pointsOf(count: number, side: number, seed: number): Set<number> {
  const next = random(seed)
  return new Set(Array.from({ length: count }, () => Math.floor(next() * side * side)))
}
