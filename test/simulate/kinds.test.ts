// Several exposures, trails, spectra and damage: each kind is seen on the plate as its options say.
import { beforeAll, describe, expect, it } from 'vitest'
import { plateOf, SMALL } from './plates.ts'

type Plate = Awaited<ReturnType<typeof plateOf>>

/** The level that `share` of the pixels stay below. */
function level(plate: Plate, share: number): number {
  return plate.pixels.slice().sort()[Math.floor(plate.pixels.length * share)]!
}

/** Height above the sky (positive scans) of the three by three pixels about a FITS pixel. */
function brightness(plate: Plate, sky: number, x: number, y: number): number {
  const offsets = [-1, 0, 1]
  const at = (u: number, v: number) => plate.pixels[(v - 1) * plate.width + u - 1]! - sky
  const sum = offsets.flatMap((dy) => offsets.map((dx) => at(Math.round(x) + dx, Math.round(y) + dy)))
  return sum.reduce((total, v) => total + v, 0) / 9
}

/** Root mean square extent of the light above `floor` about a place, along and across a direction (degrees). */
function extent(
  plate: Plate,
  floor: number,
  place: { x: number; y: number; angleDeg: number; half: number },
) {
  const { x, y, angleDeg, half } = place
  const [c, s] = [Math.cos((angleDeg * Math.PI) / 180), Math.sin((angleDeg * Math.PI) / 180)]
  let [sum, a, aa, bb] = [0, 0, 0, 0]
  for (let v = Math.floor(y - half); v <= y + half; v++) {
    for (let u = Math.floor(x - half); u <= x + half; u++) {
      const weight = (plate.pixels[(v - 1) * plate.width + u - 1] ?? 0) - floor
      if (!(weight > 0)) continue
      const [dx, dy] = [u - x, v - y]
      const [along, across] = [dx * c + dy * s, dy * c - dx * s]
      if (Math.abs(across) > 10) continue // neighbours
      sum += weight
      a += weight * along
      aa += weight * along ** 2
      bb += weight * across ** 2
    }
  }
  return { middle: a / sum, along: Math.sqrt(aa / sum), across: Math.sqrt(bb / sum) }
}

/** Length of the unbroken run of light above `floor` along y through a place, three pixels wide. */
function lengthAlongY(plate: Plate, floor: number, x: number, y: number): number {
  const bright = (v: number) => brightness(plate, floor, x, v) > 0
  let [low, high] = [y, y]
  while (low > 3 && bright(low - 1)) low--
  while (high < plate.height - 3 && bright(high + 1)) high++
  return high - low
}

/** Rows of the truth well inside the plate, brightest first. */
function brightest(plate: Plate, count: number, margin = 60): number[] {
  const [x, y, mag] = [plate.truth.number('x'), plate.truth.number('y'), plate.truth.number('mag')]
  return Array.from({ length: plate.truth.rows }, (_, i) => i)
    .filter(
      (i) =>
        x[i]! > margin && y[i]! > margin && x[i]! < plate.width - margin && y[i]! < plate.height - margin,
    )
    .sort((a, b) => mag[a]! - mag[b]!)
    .slice(0, count)
}

const POSITIVE = { ...SMALL, polarity: 'positive' as const, width: 800 }

describe('several exposures', () => {
  it('stand at their offsets, each fainter by the step', async () => {
    const plate = await plateOf({
      ...POSITIVE,
      kind: 'multi',
      offsets: '0,0 600,-200 100,500',
      magStep: 1.5,
      rotation: 90,
    })
    const [x, y, mag] = [plate.truth.number('x'), plate.truth.number('y'), plate.truth.number('mag')]
    const exposure = plate.truth.number('exposure')
    expect(new Set(exposure)).toEqual(new Set([0, 1, 2]))
    const ids = plate.truth.number('phot_g_mean_mag')
    const star = brightest(plate, 1, 100)[0]!
    const others = [1, 2].map((k) =>
      Array.from(ids).findIndex((g, i) => g === ids[star] && exposure[i] === k),
    )
    // 600 um along the plate's x are 30 px along the scan's y after a turn by 90 degrees.
    expect([x[others[0]!]! - x[star]!, y[others[0]!]! - y[star]!].map((v) => Math.round(v))).toEqual([10, 30])
    expect(mag[others[1]!]! - mag[star]!).toBeCloseTo(3, 9)
    const sky = level(plate, 0.5)
    for (const i of [star, ...others]) expect(brightness(plate, sky, x[i]!, y[i]!)).toBeGreaterThan(2000)
  })

  it('of different years show the motion of the stars', async () => {
    const plate = await plateOf({ ...SMALL, kind: 'multi', offsets: '0,0 0,0', epochStep: 40 })
    const [dec, exposure] = [plate.truth.number('dec'), plate.truth.number('exposure')]
    const g = Array.from(plate.truth.number('phot_g_mean_mag'))
    const shifts = g.flatMap((mag, i) => {
      const j = g.findIndex((other, k) => other === mag && k > i && exposure[k] === 1)
      return exposure[i] === 0 && j >= 0 ? [(dec[j]! - dec[i]!) * 3600_000] : []
    })
    const mean = shifts.reduce((sum, v) => sum + v, 0) / shifts.length
    console.log(`mean motion in declination ${(mean / 40).toFixed(2)} mas/yr`)
    expect(mean / 40).toBeLessThan(-2)
    expect(mean / 40).toBeGreaterThan(-6)
  })
})

describe('trails', () => {
  it('are long in their direction and narrow across, centred on the true place', async () => {
    const plate = await plateOf({ ...POSITIVE, kind: 'trailed', length: 40, angle: 35 })
    const [x, y] = [plate.truth.number('x'), plate.truth.number('y')]
    const [blended, saturated] = [plate.truth.flag('blended'), plate.truth.flag('saturated')]
    const star = brightest(plate, 500).find((i) => !blended[i] && !saturated[i])!
    const floor = level(plate, 0.95)
    const found = extent(plate, floor, { x: x[star]!, y: y[star]!, angleDeg: 35, half: 32 })
    console.log(`trail: ${found.along.toFixed(1)} px along, ${found.across.toFixed(1)} px across (rms)`)
    // A line of 40 px has an rms extent of 40/√12 = 11.5 px; the image adds a little.
    expect(found.along).toBeGreaterThan(10)
    expect(found.along).toBeLessThan(15)
    expect(found.across).toBeLessThan(4)
    expect(Math.abs(found.middle)).toBeLessThan(1.5)
  })
})

describe('spectra', () => {
  it('run in their direction and are longer for bright stars', async () => {
    const plate = await plateOf({ ...POSITIVE, kind: 'prism', length: 80, angle: 90 })
    const [x, y] = [plate.truth.number('x'), plate.truth.number('y')]
    const blended = plate.truth.flag('blended')
    const floor = level(plate, 0.93)
    const lengths = brightest(plate, 500)
      .filter((i) => !blended[i])
      .slice(0, 6)
      .map((i) => lengthAlongY(plate, floor, x[i]!, y[i]!))
    const mean = (list: number[]) => list.reduce((sum, v) => sum + v, 0) / list.length
    const [bright, faint] = [mean(lengths.slice(0, 3)), mean(lengths.slice(3))]
    console.log(`spectra: ${bright.toFixed(0)} px long of bright, ${faint.toFixed(0)} px of fainter stars`)
    expect(faint).toBeGreaterThan(15)
    expect(bright).toBeGreaterThan(faint + 5)
    expect(bright).toBeLessThan(110)
  })
})

describe('damage', () => {
  const none = { dust: 0, hairs: 0, scratches: 0, pinholes: 0, mould: 0, stains: 0, writing: 0, labels: 0 }
  const kinds: [keyof typeof none, string, number, 'darker' | 'brighter' | 'either'][] = [
    ['dust', 'dust', 40, 'darker'],
    ['hairs', 'hair', 4, 'darker'],
    ['scratches', 'scratch', 3, 'brighter'],
    ['pinholes', 'pinhole', 40, 'brighter'],
    ['mould', 'mould', 2, 'either'],
    ['stains', 'stain', 2, 'either'],
    ['writing', 'writing', 3, 'darker'],
    ['labels', 'label', 1, 'darker'],
  ]
  let clean: Plate
  beforeAll(async () => {
    clean = await plateOf({ ...SMALL, ...none })
  })

  it.each(kinds)('%s leave marks on a negative, and %s is listed', async (option, kind, count, effect) => {
    const marked = await plateOf({ ...SMALL, ...none, [option]: count })
    expect(clean.kinds.filter((k) => k !== '')).toEqual([])
    expect(new Set(marked.kinds.map((k) => k.trim()))).toEqual(new Set([kind]))
    const change = marked.pixels.map((v, i) => v - clean.pixels[i]!)
    const [darker, brighter] = [change.filter((d) => d < -1500).length, change.filter((d) => d > 1500).length]
    console.log(`${kind}: ${marked.kinds.length} marks, ${darker} px darker, ${brighter} px brighter`)
    if (effect !== 'brighter') expect(darker + (effect === 'either' ? brighter : 0)).toBeGreaterThan(20)
    if (effect === 'brighter') expect(brighter).toBeGreaterThan(20)
    if (effect === 'darker') expect(brighter).toBe(0)
    if (effect === 'brighter') expect(darker).toBe(0)
  })

  it('inverts on a positive scan', async () => {
    const spotless = await plateOf({ ...SMALL, polarity: 'positive', dust: 0 })
    const dusty = await plateOf({ ...SMALL, polarity: 'positive', dust: 40 })
    const change = dusty.pixels.map((v, i) => v - spotless.pixels[i]!)
    expect(change.filter((d) => d > 1500).length).toBeGreaterThan(20)
    expect(change.filter((d) => d < -1500).length).toBe(0)
  })

  it('grows with its level', async () => {
    const counts: number[] = []
    for (const damage of [0, 2, 5, 8])
      counts.push((await plateOf({ ...SMALL, damage })).result.counts.artefacts)
    console.log(`artefacts at levels 0, 2, 5, 8: ${counts.join(', ')}`)
    expect(counts[0]).toBe(0)
    expect(counts.every((n, k) => k === 0 || n > counts[k - 1]!)).toBe(true)
  })
})

describe('borders', () => {
  it('a rebate is clear on a negative, and stars under it are off the plate', async () => {
    const plate = await plateOf({ ...SMALL, rebate: 1 })
    const corner = plate.pixels.slice(0, 200).reduce((sum, v) => sum + v, 0) / 200
    const middle = plate.pixels.slice(250 * 500 + 150, 250 * 500 + 350).reduce((sum, v) => sum + v, 0) / 200
    expect(corner).toBeGreaterThan(middle + 10_000)
    const [x, on] = [plate.truth.number('x'), plate.truth.flag('on_plate')]
    expect(on.filter((_, i) => x[i]! < 15).some(Boolean)).toBe(false)
    expect(on.filter(Boolean).length).toBeGreaterThan(50)
  })

  it("the scanner's holder is black on a negative", async () => {
    const plate = await plateOf({ ...SMALL, holder: 1 })
    const black = plate.pixels.filter((v) => v < 0.04 * 65535).length
    console.log(`${((100 * black) / plate.pixels.length).toFixed(1)} % black`)
    expect(black).toBeGreaterThan(0.08 * plate.pixels.length)
    expect(plate.kinds.map((k) => k.trim())).toEqual(['holder'])
  })
})
