import { describe, expect, it } from 'vitest'
import { REJECT, REJECT_BITS, type RejectName } from '../../../src/reject.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import { drawMagnitude } from '../../models/true-plate.ts'
import { everythingUsable, FWHM_PX, filtered, type Image, SIZE_PX, starImage, stars } from './plates.ts'

const random = randomStream(1, 'filter flaws')
const at = () => ({ x: random.between(50, SIZE_PX - 50), y: random.between(50, SIZE_PX - 50) })
const flaw = (kind: string, change: (star: Image) => Partial<Image>): Image => {
  const { x, y } = at()
  const star = starImage(random, x, y, drawMagnitude(random, -11.5, -7.5))
  return { ...star, kind, ...change(star) }
}

/** Share of the images of a kind that have the bit of a rule. */
function shareWith(
  found: ReturnType<typeof filtered>,
  images: readonly Image[],
  kind: string,
  rule: RejectName,
): number {
  const own = Array.from(images.keys()).filter((i) => images[i]!.kind === kind)
  return own.filter((i) => (found.reject[i]! & REJECT[rule]) !== 0).length / own.length
}

const shareRejected = (reject: Int32Array, images: readonly Image[], kind = 'star') => {
  const own = Array.from(images.keys()).filter((i) => images[i]!.kind === kind)
  return own.filter((i) => reject[i] !== 0).length / own.length
}

const rules = (reject: Int32Array, rows: readonly number[]) =>
  REJECT_BITS.map(({ bit, name }) => [name, rows.filter((i) => reject[i]! & (1 << bit)).length] as const)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')

describe('each rule', () => {
  const many = (make: () => Image, count = 25) => Array.from({ length: count }, make)
  const patch = (
    kind: string,
    count: number,
    reach: number,
    change: (star: Image) => Partial<Image>,
  ): Image[] => {
    const middle = { x: 600, y: 1400 }
    return many(
      () =>
        flaw(kind, (star) => ({
          x: middle.x + reach * random.gauss(),
          y: middle.y + reach * random.gauss(),
          ...change(star),
        })),
      count,
    )
  }
  const scratch = (): Image[] =>
    Array.from({ length: 12 }, (_, k) =>
      flaw('scratch', () => ({
        x: 300 + 30 * k,
        y: 500 + 12 * k,
        ellipticity: 0.7,
        thetaDeg: 21.8 + random.gauss(),
        fwhm: 2 * FWHM_PX,
      })),
    )
  const giant = { ...starImage(random, 1500, 700, -16), kind: 'giant' }
  const spikes = (): Image[] =>
    Array.from({ length: 10 }, (_, k) => ({
      ...starImage(random, 1500 + 12 * Math.cos(k), 700 + 12 * Math.sin(k), -8.5),
      kind: 'spike',
    }))

  it.each([
    ['NO_MEASURE', () => many(() => flaw('flaw', () => ({ magInst: Number.NaN })))],
    ['EDGE', () => many(() => flaw('flaw', () => ({ x: random.next() < 0.5 ? 1.2 : SIZE_PX - 0.5 })))],
    ['EDGE', () => many(() => flaw('flaw', () => ({ sexFlags: 8 })))],
    ['TOO_SHARP', () => many(() => flaw('flaw', (s) => ({ fwhm: 0.5 * s.fwhm })))],
    ['TOO_WIDE', () => many(() => flaw('flaw', (s) => ({ fwhm: 2.5 * s.fwhm })))],
    ['PEAK', () => many(() => flaw('flaw', (s) => ({ peak: 0.25 * s.peak })))],
    ['PEAK', () => many(() => flaw('flaw', (s) => ({ peak: 3 * s.peak })))],
    ['ELONGATED', () => many(() => flaw('flaw', () => ({ ellipticity: 0.6 })))],
    ['LINE', () => scratch().map((image) => ({ ...image, kind: 'flaw' }))],
    ['HALO', () => [giant, ...spikes().map((image) => ({ ...image, kind: 'flaw' }))]],
    ['SPECKS', () => patch('flaw', 60, 20, (s) => ({ fwhm: s.fwhm * (random.next() < 0.8 ? 0.4 : 1) }))],
  ] as [RejectName, () => Image[]][])(
    '%s fires on what it is for, and leaves the stars alone',
    (rule, make) => {
      const images = [...stars(2, 1200), ...make()]
      const found = filtered(images)
      const caught = shareWith(found, images, 'flaw', rule)
      const lost = shareRejected(found.reject, images)
      console.log(
        `${rule}: fires on ${(100 * caught).toFixed(0)} % of its flaws; ${(100 * lost).toFixed(2)} % of the stars rejected by any rule`,
      )
      expect(caught).toBeGreaterThanOrEqual(0.9)
      expect(lost).toBeLessThan(0.025)
    },
  )

  it('MASKED is where the emulsion is not exposed, to a block', () => {
    const area = everythingUsable()
    const usable = area.usable.map((_, k) => (k % 20 < 5 ? 0 : 1)) // the first 500 px of every row
    const images = stars(3, 800)
    const { reject } = filtered(images, { ...area, usable })
    images.forEach(({ x }, i) => {
      expect((reject[i]! & REJECT.MASKED) !== 0).toBe(x < 500.5)
    })
  })
})

describe('stars', () => {
  it('pass on a clean plate, saturated ones too', () => {
    const losses = Array.from({ length: 10 }, (_, seed) => {
      const images = stars(10 + seed, 1500)
      const { reject } = filtered(images)
      const bright = images.flatMap(({ magInst }, i) => (magInst < -11.5 ? [i] : []))
      return {
        all: shareRejected(reject, images),
        bright: bright.filter((i) => reject[i] !== 0).length / bright.length,
      }
    })
    const mean = (name: 'all' | 'bright') => losses.reduce((sum, l) => sum + l[name], 0) / losses.length
    console.log(
      `clean plates: ${(100 * mean('all')).toFixed(2)} % of the stars rejected, ${(100 * mean('bright')).toFixed(2)} % of the saturated`,
    )
    expect(mean('all')).toBeLessThan(0.01)
    expect(mean('bright')).toBeLessThan(0.15) // few: the sequence hardly knows them
  })

  it('pass where coma draws them out in the corners', () => {
    const images = stars(21, 1500).map((star) => {
      const [dx, dy] = [(star.x - 1000) / 1000, (star.y - 1000) / 1000]
      const r2 = (dx * dx + dy * dy) / 2 // 1 in the corner
      const ellipticity = star.ellipticity + 0.3 * r2
      return {
        ...star,
        ellipticity,
        fwhm: star.fwhm * (1 + 0.3 * r2),
        peak: star.peak / (1 + 0.3 * r2),
        thetaDeg: (Math.atan2(dy, dx) * 180) / Math.PI,
      }
    })
    const { reject } = filtered(images)
    const outer = images.map((s) =>
      Math.hypot(s.x - 1000, s.y - 1000) > 1000 ? { ...s, kind: 'corner' } : s,
    )
    const rows = Array.from(images.keys()).filter((i) => reject[i] !== 0)
    console.log(
      `corner coma of 0.3: ${(100 * shareRejected(reject, images)).toFixed(1)} % of the stars rejected, ` +
        `${(100 * shareRejected(reject, outer, 'corner')).toFixed(1)} % of those in the corners (${rules(reject, rows)})`,
    )
    expect(shareRejected(reject, images)).toBeLessThan(0.05)
    expect(shareRejected(reject, outer, 'corner')).toBeLessThan(0.15)
  })

  it('of a cluster are no specks: twenty times the density, and their blends flagged', () => {
    const field = stars(22, 600)
    const cluster = stars(23, 500, (r) => [1000 + 60 * r.gauss(), 1000 + 60 * r.gauss()]).map((star) => {
      const blended = random.next() < 0.3
      return {
        ...star,
        kind: 'cluster',
        sexFlags: blended ? 3 : 1,
        fwhm: star.fwhm * (blended ? 1.25 : 1),
        ellipticity: star.ellipticity + (blended ? 0.12 : 0),
      }
    })
    const images = [...field, ...cluster]
    const { reject } = filtered(images)
    const rows = Array.from(images.keys()).filter((i) => images[i]!.kind === 'cluster' && reject[i] !== 0)
    console.log(
      `cluster: ${(100 * shareRejected(reject, images, 'cluster')).toFixed(1)} % rejected (${rules(reject, rows)})`,
    )
    expect(shareRejected(reject, images, 'cluster')).toBeLessThan(0.1)
    expect(rows.filter((i) => reject[i]! & REJECT.SPECKS)).toEqual([])
  })

  it('keep a high score, flaws a low one', () => {
    const images = [
      ...stars(24, 1000),
      ...Array.from({ length: 100 }, () => flaw('flaw', (s) => ({ fwhm: 0.4 * s.fwhm }))),
    ]
    const { pStar } = filtered(images)
    const mean = (kind: string) => {
      const own = images.flatMap((image, i) => (image.kind === kind ? [pStar[i]!] : []))
      return own.reduce((a, b) => a + b, 0) / own.length
    }
    expect(mean('star')).toBeGreaterThan(0.85)
    expect(mean('flaw')).toBeLessThan(0.1)
    for (const p of pStar) expect(p >= 0 && p <= 1).toBe(true)
  })
})

describe('the ranking', () => {
  it('is spread over the plate even where half the stars are in one corner', () => {
    const corner = stars(30, 800, (r) => [r.between(20, 400), r.between(20, 400)])
    const images = [...stars(31, 800), ...corner]
    const { ranked } = filtered(images)
    const first = ranked.slice(0, 200)
    const quarter = (i: number) => (images[i]!.x > 1000 ? 1 : 0) + (images[i]!.y > 1000 ? 2 : 0)
    const counts = [0, 1, 2, 3].map((q) => first.filter((i) => quarter(i) === q).length)
    console.log(`the first 200 ranked lie ${counts.join(', ')} in the four quarters`)
    expect(Math.max(...counts)).toBeLessThan(65)
    expect(Math.min(...counts)).toBeGreaterThan(35)
  })

  it('holds every image without a reason against it once, and none with one', () => {
    const images = [
      ...stars(32, 500),
      ...Array.from({ length: 50 }, () => flaw('flaw', () => ({ ellipticity: 0.7 }))),
    ]
    const { ranked, reject } = filtered(images)
    expect(new Set(ranked).size).toBe(ranked.length)
    expect(ranked.length).toBe(reject.filter((bits) => bits === 0).length)
    expect(ranked.filter((i) => reject[i] !== 0)).toHaveLength(0)
  })

  it('begins with bright stars', () => {
    const images = stars(33, 1000)
    const { ranked, detections } = filtered(images)
    const sorted = Float64Array.from(detections.magInst).sort()
    const first = Float64Array.from(ranked.slice(0, 100), (i) => detections.magInst[i]!)
    expect(first.reduce((a, b) => a + b, 0) / 100).toBeLessThan(sorted[250]!)
  })
})

describe('plates with hardly anything on them', () => {
  it.each([0, 1, 2, 5, 24, 60, 150])('of %i detections do not break it', (count) => {
    const images = stars(40, count)
    const { reject, ranked, pStar, sequence } = filtered(images)
    expect(reject).toHaveLength(count)
    expect(pStar).toHaveLength(count)
    expect(ranked.length).toBeLessThanOrEqual(count)
    expect(sequence.magnitude.length).toBeGreaterThan(0)
    // Few stars make a poor sequence, but a poor sequence must not reject them.
    if (count >= 5) expect(ranked.length / count).toBeGreaterThan(0.95)
  })

  it('lose no more than the brightest of few stars', () => {
    for (const count of [12, 30, 60, 120]) {
      let lost = 0
      for (let seed = 50; seed < 60; seed++)
        lost += filtered(stars(seed, count)).reject.filter((bits) => bits !== 0).length
      console.log(`plates of ${count} stars: ${((10 * lost) / count).toFixed(1)} % rejected`)
      expect(lost / (10 * count)).toBeLessThan(0.03)
    }
  })

  it('of two identical images, or only images without a measure, do not break it', () => {
    const [star] = stars(41, 1)
    expect(filtered([star!, star!]).ranked).toHaveLength(2)
    const blank = { ...star!, magInst: Number.NaN, fwhm: 0, peak: Number.NaN }
    expect(filtered([blank, blank]).ranked).toHaveLength(0)
  })
})
