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
