// A plate that was called single is called back when its own solution shows a second exposure, and only then.
import { describe, expect, it } from 'vitest'
import { imagesOf } from '../src/called-back/places.ts'
import { type CalledBackInput, calledBack } from '../src/called-back.ts'
import type { Reason } from '../src/issues.ts'
import { type Refined, refine } from '../src/refine.ts'
import { REJECT } from '../src/reject.ts'
import { randomStream } from '../src/simulate/random.ts'
import { CONFIG, type FieldOptions, FWHM_PX, trueField } from './models/true-field.ts'
import { detectionsAt } from './models/true-plate.ts'

const SIDE = 1000
const PLATE_LIMIT = 16
const ZERO_POINT = 25

interface PlateOptions extends FieldOptions {
  /** Every star again, so far off (px) and so much fainter. */
  again?: { dx: number; dy: number; step: number }[]
  /** Stars of another field, as many as this share of the plate's own. */
  otherField?: number
  /** Flaws that rules took for stars, sharper than stars are. */
  flaws?: number
  /** Reference stars that the catalogue has. */
  known?: (x: number, y: number, gMag: number) => boolean
}

interface Made {
  input: CalledBackInput
  /** Rows of the images of each further exposure. */
  exposures: number[][]
}

/** A plate as it is after the fit of the exposure that the field is of. */
function solvedPlate(options: PlateOptions): Made {
  const { seed, again = [], otherField = 0, flaws = 0.2, count = 150 } = options
  const { input: field, star } = trueField({ ...options, count, artefactShare: 0 })
  const random = randomStream(seed, 'second exposure')
  const images = Array.from(star.keys(), (row) => ({
    x: field.detections.x[row]!,
    y: field.detections.y[row]!,
    mag: field.detections.magInst[row]! + ZERO_POINT,
    exposure: 0,
    isFlaw: false,
  }))
  const own = images.slice()
  const drawn = (n: number, isFlaw: boolean) => {
    for (let k = 0; k < n; k++) {
      const { mag } = own[random.whole(own.length)]!
      const [x, y] = [random.between(1, SIDE), random.between(1, SIDE)]
      images.push({ x, y, mag, exposure: -1, isFlaw })
    }
  }
  again.forEach(({ dx, dy, step }, k) => {
    for (const { x, y, mag } of own) {
      const at = { x: x + dx + 0.1 * random.gauss(), y: y + dy + 0.1 * random.gauss() }
      const fainter = mag + step + 0.15 * random.gauss()
      const isOn = at.x > 1 && at.y > 1 && at.x < SIDE && at.y < SIDE
      if (isOn && fainter < PLATE_LIMIT) images.push({ ...at, mag: fainter, exposure: k + 1, isFlaw: false })
    }
  })
  drawn(otherField * count, false)
  drawn(flaws * count, true)
  const column = (of: (image: (typeof images)[number]) => number) => images.map(of)
  const spread = (usual: number, flaw: number) =>
    column(({ isFlaw }) => usual * (isFlaw ? flaw : 1) * (1 + 0.04 * random.gauss()))
  const detections = detectionsAt(
    column(({ x }) => x),
    column(({ y }) => y),
    {
      magInst: column(({ mag }) => mag - ZERO_POINT),
      fwhm: spread(FWHM_PX, 0.7),
      fluxRadius: spread(1.7, 0.7),
      isoAreaPx: column(({ mag, isFlaw }) => (isFlaw ? 0.6 : 1) * 20 * 10 ** (0.2 * (PLATE_LIMIT - mag))),
      peak: column(
        ({ mag, isFlaw }) => (isFlaw ? 2 : 1) * 10 ** (0.4 * (PLATE_LIMIT - mag) + 0.02 * random.gauss()),
      ),
    },
  )
  const ranked = Int32Array.from(images.keys()).sort((a, b) => images[a]!.mag - images[b]!.mag)
  const reject = new Int32Array(images.length)
  const stars = options.known === undefined ? field.stars : knownStars(field.stars, options.known)
  const refined = refine({ ...field, detections, ranked, reject, stars }, CONFIG)
  if (refined === undefined) throw new Error(`seed ${seed}: no solution`)
  const exposures = again.map((_, k) => [...images.keys()].filter((row) => images[row]!.exposure === k + 1))
  const input = { refined, reject, ranked, width: SIDE, height: SIDE, fwhmPx: FWHM_PX }
  return { input, exposures }

  function knownStars(all: typeof field.stars, isKnown: NonNullable<PlateOptions['known']>) {
    const [east, north] = [all.raDeg, all.decDeg].map((c) => [Math.min(...c), Math.max(...c)] as const)
    const share = (v: number, [low, high]: readonly [number, number]) => (v - low) / (high - low)
    const rows = Int32Array.from(all.row.keys()).filter((i) =>
      isKnown(share(all.raDeg[i]!, east!), share(all.decDeg[i]!, north!), all.gMag[i]!),
    )
    const picked = Object.entries(all).map(([name, value]) => [
      name,
      typeof value === 'number' ? value : Array.from(rows, (row) => value[row]!),
    ])
    const typed = picked.map(([name, value]) => {
      const usual = all[name as keyof typeof all]
      return [
        name,
        typeof usual === 'number'
          ? value
          : (usual.constructor as Float64ArrayConstructor).from(value as number[]),
      ]
    })
    return { ...Object.fromEntries(typed), length: rows.length } as typeof all
  }
}

/** The same solution where the images lie elsewhere: a wrong one. */
function movedBy(
  input: CalledBackInput,
  shift: (x: number, y: number) => [dx: number, dy: number],
): CalledBackInput {
  const { detections } = input.refined
  const moved = Array.from(detections.x, (x, row) => shift(x, detections.y[row]!))
  const refined: Refined = {
    ...input.refined,
    detections: {
      ...detections,
      x: detections.x.map((x, row) => x + moved[row]![0]),
      y: detections.y.map((y, row) => y + moved[row]![1]),
    },
  }
  return { ...input, refined }
}

const codes = (reasons: readonly Reason[]) => reasons.map((r) => r.code)

describe('a plate with one exposure', () => {
  it.each<[string, Partial<PlateOptions>]>([
    ['with a few flaws', {}],
    ['with as many flaws as stars', { flaws: 1 }],
    ['with three flaws for each star', { flaws: 3 }],
    ['of few stars', { count: 60 }],
    ['of many stars', { count: 600 }],
    ['with a magnitude equation', { shift: ({ m }) => [0.5 * m, 0] }],
    ['with coma', { shift: ({ u, v, m }) => [u * m, v * m] }],
    ['with large residuals', { shift: ({ x, y }) => [1.5 * Math.sin(x / 15), 1.5 * Math.sin(y / 12)] }],
    ['in a catalogue of bright stars', { known: (_x, _y, gMag) => gMag < 14.5 }],
    ['half covered by the catalogue', { known: (x) => x < 0.5 }],
  ])('%s is not called back', (_name, options) => {
    const found: string[] = []
    for (let seed = 1; seed <= 4; seed++) {
      const { input } = solvedPlate({ seed, ...options })
      found.push(...calledBack(input).map((r) => `seed ${seed}: ${r.text}`))
    }
    expect(found).toEqual([])
  })
})

describe('a second exposure', () => {
  it.each([
    { dx: 14, dy: 9, step: 0 },
    { dx: -120, dy: 55, step: 0.8 },
    { dx: 30, dy: -200, step: 2 },
    { dx: 25, dy: 40, step: 4 },
  ])('at ($dx, $dy) px, $step mag fainter, is found where it is', (second) => {
    let [worstPx, worstMag] = [0, 0]
    for (let seed = 20; seed < 22; seed++) {
      const { input } = solvedPlate({ seed, count: 400, again: [second] })
      const found = calledBack(input)
      expect(codes(found)).toContain('SECOND_PATTERN')
      expect(codes(found)).not.toContain('SPLIT_SOLUTION')
      const { evidence } = found.find(({ code }) => code === 'SECOND_PATTERN')!
      const [dx, dy] = evidence.offset_px as [number, number]
      worstPx = Math.max(worstPx, Math.hypot(dx - second.dx, dy - second.dy))
      worstMag = Math.max(worstMag, Math.abs((evidence.magnitude_step as number) - second.step))
    }
    console.log(`offset off by up to ${worstPx.toFixed(2)} px, step by up to ${worstMag.toFixed(2)} mag`)
    expect(worstPx).toBeLessThan(0.3)
    expect(worstMag).toBeLessThan(0.4)
  })

  it('whose images are known is no reason any more', () => {
    const { input, exposures } = solvedPlate({ seed: 30, again: [{ dx: 40, dy: 25, step: 0.3 }] })
    expect(codes(calledBack(input))).toContain('SECOND_PATTERN')
    expect(calledBack({ ...input, elsewhere: new Set(exposures[0]) })).toEqual([])
  })

  it('that has a solution of its own leaves the third to be found', () => {
    const again = [
      { dx: 40, dy: 25, step: 0.3 },
      { dx: -70, dy: 30, step: 0.6 },
    ]
    const { input, exposures } = solvedPlate({ seed: 33, again })
    const [second] = again
    const moved = movedBy(input, () => [-second!.dx, -second!.dy]).refined
    const none = { detection: new Int32Array(0), reference: new Int32Array(0) }
    const elsewhere = imagesOf({ ...moved, pairs: none }, FWHM_PX)
    const seen = exposures[0]!.filter((row) => elsewhere.has(row)).length
    console.log(
      `${seen} of ${exposures[0]!.length} images of the second exposure, of ${elsewhere.size} in all`,
    )
    expect(seen).toBeGreaterThan(0.98 * exposures[0]!.length)
    expect(elsewhere.size).toBeLessThan(1.2 * exposures[0]!.length)
    const pattern = calledBack({ ...input, elsewhere }).find(({ code }) => code === 'SECOND_PATTERN')
    const [dx, dy] = pattern!.evidence.offset_px as [number, number]
    expect(Math.hypot(dx - again[1]!.dx, dy - again[1]!.dy)).toBeLessThan(0.3)
  })

  it('is found without magnitudes in the catalogue', () => {
    const { input } = solvedPlate({ seed: 31, again: [{ dx: 40, dy: 25, step: 0.3 }] })
    const { refined } = input
    const blind = { ...refined, magnitudes: null, mag: refined.mag.map(() => Number.NaN) }
    expect(codes(calledBack({ ...input, refined: blind }))).toEqual(['SECOND_PATTERN'])
  })

  it('is not made of images outside the usable area', () => {
    const { input, exposures } = solvedPlate({ seed: 32, again: [{ dx: 40, dy: 25, step: 0.3 }] })
    const rows = new Set(exposures[0])
    const reject = input.reject.map((bits, row) => (rows.has(row) ? REJECT.MASKED : bits))
    const ranked = input.ranked.filter((row) => !rows.has(row))
    expect(calledBack({ ...input, reject, ranked })).toEqual([])
  })
})

describe('a solution between two exposures', () => {
  const second = { dx: 12, dy: -8, step: 0 }

  it.each<[string, (x: number) => number]>([
    ['half-way everywhere', () => -0.5],
    ['on the first here and on the second there', (x) => (x < SIDE / 2 ? 0 : -1)],
    ['that slides from one to the other', (x) => -x / SIDE],
  ])('%s is told from a right one', (_name, share) => {
    for (const step of [0, 0.7]) {
      const { input } = solvedPlate({ seed: 40, again: [{ ...second, step }] })
      expect(codes(calledBack(input))).not.toContain('SPLIT_SOLUTION')
      const wrong = movedBy(input, (x) => [share(x) * second.dx, share(x) * second.dy])
      const [first] = calledBack(wrong)
      expect(first?.code).toBe('SPLIT_SOLUTION')
      expect(first!.severity).toBe('flag')
    }
  })

  it('is not seen where the solution is right on the second', () => {
    const { input } = solvedPlate({ seed: 41, again: [second] })
    const right = movedBy(input, () => [-second.dx, -second.dy])
    expect(codes(calledBack(right))).not.toContain('SPLIT_SOLUTION')
  })

  it('is not seen on the middle one of three', () => {
    const { dx, dy } = second
    const again = [second, { dx: -dx, dy: -dy, step: 0 }]
    const { input } = solvedPlate({ seed: 42, again })
    expect(codes(calledBack(input))).toContain('SECOND_PATTERN')
    expect(codes(calledBack(input))).not.toContain('SPLIT_SOLUTION')
  })
})

describe('bright images without a reference star', () => {
  it('are too many where another field lies on the plate', () => {
    for (const otherField of [0.5, 1, 2]) {
      const { input } = solvedPlate({ seed: 50, otherField })
      expect(codes(calledBack(input))).toEqual(['BRIGHT_UNMATCHED'])
    }
  })

  it('say in numbers what was seen', () => {
    const { input } = solvedPlate({ seed: 51, otherField: 1 })
    const [found] = calledBack(input)
    const { unmatched, unmatched_star_like: alike, matched } = found!.evidence as Record<string, number>
    expect(alike).toBeGreaterThan(0.5 * matched!)
    expect(unmatched).toBeGreaterThanOrEqual(alike!)
    expect(found!.text).toContain(`${unmatched} of ${matched! + unmatched!} good images`)
  })
})
