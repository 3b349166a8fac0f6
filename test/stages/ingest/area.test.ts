import { describe, expect, it } from 'vitest'
import { CAUSES, findArea, type UsableArea } from '../../../src/stages/ingest/area.ts'
import { surveyScan } from '../../../src/stages/ingest/survey.ts'
import {
  changed,
  cut,
  havePlates,
  type MemoryScan,
  memoryScan,
  mirrored,
  negative,
  REAL_PLATES,
  random,
  realPlate,
  starField,
} from './scans.ts'

async function areaOf(scan: MemoryScan, invert = false): Promise<UsableArea> {
  return findArea(await surveyScan(scan), invert).area
}

/** Whether a pixel (FITS convention: the first is 1, 1) lies on the usable area. */
function usableAt(area: UsableArea, xPx: number, yPx: number): boolean {
  const column = Math.floor((xPx - 0.5) / area.blockPx)
  const row = Math.floor((yPx - 0.5) / area.blockPx)
  return area.usable[row * area.columns + column] === 1
}

/** Part of a box of pixels (FITS convention) that is usable. */
function usablePart(area: UsableArea, [x0, x1]: [number, number], [y0, y1]: [number, number]): number {
  let [usable, count] = [0, 0]
  for (let y = y0; y <= y1; y += 2)
    for (let x = x0; x <= x1; x += 2) {
      count++
      if (usableAt(area, x, y)) usable++
    }
  return usable / count
}

describe.skipIf(!havePlates)('the usable area of real plates', () => {
  it.each(REAL_PLATES.filter((name) => !name.startsWith('orion')))(
    '%s is usable nearly everywhere',
    async (name) => {
      const area = await areaOf(await realPlate(name))
      console.log(`${name}: ${(100 * area.fraction).toFixed(2)} % usable`)
      expect(area.fraction).toBeGreaterThan(0.97)
    },
  )

  describe('of the Orion plate of 1888', () => {
    it('leaves out the unexposed strips, the label and the broken corner, and keeps M42, Rigel and the Belt', async () => {
      const area = await areaOf(await realPlate('orion-harvard-b2312-1888.fits'))
      const part = {
        top: usablePart(area, [1, 1087], [1284, 1372]),
        bottom: usablePart(area, [1, 1087], [1, 48]),
        label: usablePart(area, [795, 853], [1254, 1312]),
        m42: usablePart(area, [500, 640], [490, 690]),
        rigel: usablePart(area, [150, 250], [70, 150]),
        belt: usablePart(area, [350, 700], [940, 1220]),
        sky: usablePart(area, [1, 1087], [70, 1240]),
      }
      console.log(
        `usable parts of the Orion plate: ${JSON.stringify(part)}, in all ${area.fraction.toFixed(4)}`,
      )
      expect(part).toEqual({ top: 0, bottom: 0, label: 0, m42: 1, rigel: 1, belt: 1, sky: 1 })
      expect(area.fraction).toBeGreaterThan(0.86)
      expect(area.fraction).toBeLessThan(0.9)
    })
    it('is the same on the negative and, turned, on the mirrored scan', async () => {
      const plate = await realPlate('orion-harvard-b2312-1888.fits')
      const area = await areaOf(plate)
      const inverted = await areaOf(negative(plate), true)
      expect(inverted.cause).toEqual(area.cause)
      const turned = await areaOf(mirrored(plate))
      expect(Math.abs(turned.fraction - area.fraction)).toBeLessThan(0.01)
    })
  })

  it('is everything wherever a piece is cut out of sky, stars and nebulae', async () => {
    const next = random(7)
    let worst = 1
    for (const [name, fields] of [
      ['horsehead-serc-er-1990.fits', [[0, 0, 891, 893]]],
      ['orion-harvard-b2312-1888.fits', [[30, 70, 1030, 1170]]],
      ['m44-1975.fits', [[0, 0, 3000, 3000]]],
      ['gemini-poss1-o-1954.fits', [[0, 0, 1188, 1190]]],
    ] as const) {
      const plate = await realPlate(name)
      const [x0, y0, w, h] = fields[0]
      for (let n = 0; n < 8; n++) {
        const side = Math.floor(250 + next() * (Math.min(w, h) - 250))
        const [x, y] = [Math.floor(x0 + next() * (w - side)), Math.floor(y0 + next() * (h - side))]
        const area = await areaOf(cut(plate, x, y, side, side))
        if (area.fraction < 1)
          console.log(`${name} at ${x},${y}, ${side} px: ${(100 * area.fraction).toFixed(2)} % usable`)
        worst = Math.min(worst, area.fraction)
      }
    }
    console.log(`worst of 32 pieces: ${(100 * worst).toFixed(2)} % usable`)
    expect(worst).toBeGreaterThan(0.97)
  })
})

describe('the usable area', () => {
  const field = starField(800, 600, { stars: 400 })
  it('is all of a field of stars', async () => {
    const area = await areaOf(field)
    expect(area).toMatchObject({ fraction: 1, columns: 50, rows: 38, blockPx: 16 })
    expect(usableAt(area, 1, 1) && usableAt(area, 800, 600)).toBe(true)
  })
  it.each([
    [
      'a dark rebate at the top, askew',
      (v: number, x: number, y: number) => (y > 550 - 0.03 * x ? v * 0.3 : v),
      [0, 799],
      [552, 599],
    ],
    [
      'a dark rebate on the left',
      (v: number, x: number) => (x < 60 ? 1500 + (v % 97) : v),
      [0, 58],
      [0, 599],
    ],
    [
      'a bright holder on the right',
      (v: number, x: number) => (x > 730 ? 11000 + (v % 50) : v),
      [733, 799],
      [0, 599],
    ],
    [
      'a stained rebate at the bottom',
      (v: number, x: number, y: number) => (y < 50 ? 1000 + x / 2 + (v % 80) : v),
      [0, 799],
      [0, 48],
    ],
    [
      'clipped pixels in a corner',
      (v: number, x: number, y: number) => (x + y < 150 ? 0 : v),
      [0, 60],
      [0, 60],
    ],
    [
      'a label that is turned',
      (v: number, x: number, y: number) =>
        Math.abs((x - 400) * 0.9 + (y - 300) * 0.436) < 50 &&
        Math.abs((y - 300) * 0.9 - (x - 400) * 0.436) < 30
          ? 11000 + (v % 60)
          : v,
      [385, 415],
      [285, 315],
    ],
    [
      'a label beside a holder',
      (v: number, x: number, y: number) =>
        x > 740 || (x > 640 && y > 250 && y < 320) ? 11000 + (v % 50) : v,
      [643, 799],
      [253, 317],
    ],
    [
      'a hole',
      (v: number, x: number, y: number) => (Math.hypot(x - 300, y - 200) < 40 ? 200 + (v % 30) : v),
      [285, 315],
      [185, 215],
    ],
    [
      'blank pixels',
      (v: number, x: number, y: number) => (x < 160 && y < 160 ? Number.NaN : v),
      [0, 155],
      [0, 155],
    ],
  ] as const)('leaves out %s, and little else', async (_, spoil, xs, ys) => {
    const spoilt = changed(field, spoil)
    for (const [scan, invert] of [
      [spoilt, false],
      [negative(changed(spoilt, (v) => v)), true],
    ] as const) {
      if (invert && scan.values.some(Number.isNaN)) continue
      const area = await areaOf(scan, invert)
      let bad = 0
      for (let i = 0; i < field.values.length; i++) if (spoilt.values[i] !== field.values[i]) bad++
      const badPart = bad / field.values.length
      expect(usablePart(area, [xs[0] + 1, xs[1] + 1], [ys[0] + 1, ys[1] + 1])).toBe(0)
      // A ring of one block may go with it.
      expect(1 - area.fraction).toBeLessThan(badPart + 0.06)
    }
  })
  it('keeps a star that is as large as a label', async () => {
    const star = changed(
      field,
      (v, x, y) => v + 9000 * (1 - Math.exp(-40 * Math.exp(-Math.hypot(x - 400, y - 300) / 12))),
    )
    expect((await areaOf(star)).fraction).toBe(1)
  })
  it('keeps vignetting and a steep gradient', async () => {
    const vignetted = changed(
      field,
      (v, x, y) => v * (1 - (0.6 * (((x - 400) / 400) ** 2 + ((y - 300) / 300) ** 2)) / 2),
    )
    expect((await areaOf(vignetted)).fraction).toBe(1)
  })
  it('names the cause of each block', async () => {
    const area = await areaOf(changed(field, (v, x) => (x < 100 ? Number.NaN : v)))
    expect(CAUSES[area.cause[0]]).toBe('blank')
    expect(area.cause.filter((code) => code > 0).length).toBe(6 * 38)
  })
  it('has blocks that grow with the plate', async () => {
    const wide = memoryScan(6000, 200, (x, y) => 1000 + ((x * 7 + y * 13) % 50))
    expect(await areaOf(wide)).toMatchObject({ blockPx: 64, columns: 94, rows: 4 })
  })
})
