// Whole refinements of plates with a magnitude equation, coma, colour, waves or tilt: their places against the true ones;
// the same plate however it was laid on the scanner; plates with hardly any stars.
import { describe, expect, it } from 'vitest'
import { DEG } from '../src/math/sphere.ts'
import { toStandard } from '../src/math/tangent.ts'
import { type PlateConstants, skyAt, standardAt } from '../src/models/plate-constants.ts'
import { type Refined, refine } from '../src/refine.ts'
import {
  CONFIG,
  type FieldOptions,
  type ShiftedImage,
  type TrueField,
  trueField,
} from './models/true-field.ts'
import { width } from './stages/fit/pairs.ts'

/** Distances of the places of all paired stars from the true ones, and the errors of their detections, px per axis. */
function placesPx({ input, star, scaleRadPx, errorPx }: TrueField, refined: Refined) {
  const { constants, mag, pairs } = refined
  const { stars, detections } = input
  const own: number[] = []
  const floor: number[] = []
  pairs.detection.forEach((i, k) => {
    const row = star[i]!
    if (row !== pairs.reference[k]!) return
    const place = standardAt(constants, detections.x[i]!, detections.y[i]!, mag[i]!, stars.bpRp[row]!)
    const truth = toStandard(
      stars.raDeg[row]! * DEG,
      stars.decDeg[row]! * DEG,
      constants.ra0,
      constants.dec0,
    )!
    own.push((place.xi - truth.xi) / scaleRadPx, (place.eta - truth.eta) / scaleRadPx)
    floor.push(errorPx[i]!.x, errorPx[i]!.y)
  })
  return { own: width(own), floor: width(floor) }
}

const PX_PER_MAG = 0.15 // 3 µm at 20 µm per pixel
const EFFECTS: [name: string, part: RegExp, shift: (image: ShiftedImage) => [number, number]][] = [
  ['nothing', /^affine$/, () => [0, 0]],
  ['a magnitude equation', /magnitude/, ({ m }) => [PX_PER_MAG * m, -0.5 * PX_PER_MAG * m]],
  ['coma', /coma/, ({ u, v, m }) => [PX_PER_MAG * m * u, PX_PER_MAG * m * v]],
  ['colour', /colour/, ({ c }) => [0, 0.3 * c]],
  ['a scale that depends on colour', /colour × radius/, ({ u, v, c }) => [0.4 * c * u, 0.4 * c * v]],
  ['a wobbling scanner', /periodic/, ({ y }) => [0.5 * Math.sin((2 * Math.PI * y) / 130), 0]],
  ['tilt', /projective|quadratic/, ({ u, v }) => [0.8 * u * (u + 0.5 * v), 0.8 * v * (u + 0.5 * v)]],
]

describe('the refinement of a plate with', () => {
  it.each(EFFECTS)('%s: places are as good as the images', (name, part, shift) => {
    const ratios: number[] = []
    for (let seed = 1; seed <= 3; seed++) {
      const field = trueField({ seed, count: 800, shift, rotationDeg: 50 * seed, mirrored: seed === 2 })
      const refined = refine(field.input, CONFIG)!
      expect(refined.constants.model.name).toMatch(part)
      const { own, floor } = placesPx(field, refined)
      ratios.push(own / floor)
    }
    const worst = Math.max(...ratios)
    console.log(`${name}: places ${worst.toFixed(3)} of the images' own errors at worst`)
    // Ten to thirty constants of 700 stars, and magnitudes that are themselves measured to 0.15 mag.
    expect(worst).toBeLessThan(1.04)
  })
})

/** The plate laid on the scanner another way: new places of what was at u, v, and the constants of the old ones in the new. */
const LAID = {
  mirrored: {
    place: (x: number, y: number): [number, number] => [1001 - x, y],
    linear: ([c, u, v]: number[]) => Float64Array.of(c!, -u!, v!),
  },
  'turned by 90°': {
    place: (x: number, y: number): [number, number] => [1001 - y, x],
    linear: ([c, u, v]: number[]) => Float64Array.of(c!, -v!, u!),
  },
}

describe('a plate laid on the scanner another way', () => {
  it.each(Object.entries(LAID))(
    '%s: has the same places, magnitudes, pairs and model',
    (name, { place, linear }) => {
      let worst = 0
      for (const [seed, shift] of EFFECTS.slice(1, 6).map(([, , own], k) => [20 + k, own] as const)) {
        const { input, scaleRadPx } = trueField({
          seed,
          count: 300,
          shift,
          degree: 1 + (seed % 3),
          bendPx: 0.5,
        })
        const { detections, start } = input
        const moved = Array.from(detections.x, (x, i) => place(x, detections.y[i]!))
        const [x, y] = [0, 1].map((axis) => Float64Array.from(moved, (p) => p[axis]!)) as [
          Float64Array,
          Float64Array,
        ]
        const other: PlateConstants = { ...start, xi: linear([...start.xi]), eta: linear([...start.eta]) }
        const one = refine(input, CONFIG)!
        const two = refine({ ...input, start: other, detections: { ...detections, x, y } }, CONFIG)!
        expect(two.constants.model.name).toBe(one.constants.model.name)
        expect(two.pairs.detection).toEqual(one.pairs.detection)
        for (let i = 0; i < detections.length; i++) {
          const a = skyAt(one.constants, detections.x[i]!, detections.y[i]!, one.mag[i]!, 1.2)
          const b = skyAt(two.constants, x[i]!, y[i]!, two.mag[i]!, 1.2)
          const off = Math.hypot((a.raRad - b.raRad) * Math.cos(a.decRad), a.decRad - b.decRad)
          worst = Math.max(worst, off / scaleRadPx)
        }
      }
      console.log(`${name}: places differ by ${worst.toExponential(1)} px at most`)
      expect(worst).toBeLessThan(1e-9)
    },
  )
})

describe('a plate of few stars', () => {
  it.each([16, 22, 30, 40])(
    '%i of them: is reduced within what its quoted errors allow, or not at all',
    (count) => {
      const seeds = 12
      let refused = 0
      const pulls: number[] = []
      for (let seed = 1; seed <= seeds; seed++) {
        const options: FieldOptions = { seed, count, artefactShare: 0.1, mirrored: seed % 2 === 0 }
        const field = trueField(options)
        const refined = refine(field.input, CONFIG)
        if (refined === undefined) {
          refused++
          continue
        }
        const { constants, pairs, centring } = refined
        const constantsOfPlate = constants.model.coefficients.length
        expect(pairs.detection.length).toBeGreaterThanOrEqual(2 * constantsOfPlate)
        expect(constants.local).toBeNull()
        const { own } = placesPx(field, refined)
        const used = Array.from(pairs.detection, (i) => centring[i]! / field.scaleRadPx)
        expect(used.every((error) => error > 0 && error < 1)).toBe(true)
        pulls.push(own / width(used))
      }
      const [mean, worst] = [width(pulls), Math.max(...pulls)]
      console.log(
        `${count} stars: ${refused} of ${seeds} refused; distances ${mean.toFixed(2)} of the quoted errors, ${worst.toFixed(2)} at worst`,
      )
      expect(refused).toBeLessThan(seeds / 3)
      expect(mean).toBeLessThan(1.4)
    },
  )
})

describe('a plate on which colour shifts images by several of their errors', () => {
  it('pairs the bluest and the reddest stars as it does the others, and finds the whole shift', () => {
    const PX_PER_COLOUR = 0.8
    const field = trueField({ seed: 3, count: 800, shift: ({ c }) => [0, PX_PER_COLOUR * c] })
    const refined = refine(field.input, CONFIG)!
    const { stars } = field.input
    const paired = new Set(refined.pairs.detection)
    const rows = Array.from(field.star.keys()).filter((i) => field.star[i]! >= 0)
    rows.sort((a, b) => stars.bpRp[field.star[a]!]! - stars.bpRp[field.star[b]!]!)
    const shareOf = (some: number[]) => some.filter((i) => paired.has(i)).length / some.length
    const tenth = Math.floor(rows.length / 10)
    const shares = [rows.slice(0, tenth), rows, rows.slice(-tenth)].map(shareOf)
    console.log(
      `paired: ${shares.map((share) => share.toFixed(3)).join(', ')} of the bluest, all, the reddest`,
    )
    expect(Math.min(shares[0]!, shares[2]!)).toBeGreaterThan(shares[1]! - 0.06)
    const at = (bpRp: number) => standardAt(refined.constants, 500, 500, 14, bpRp)
    const slope = Math.hypot(at(1.4).xi - at(0.9).xi, at(1.4).eta - at(0.9).eta) / 0.5 / field.scaleRadPx
    expect(slope / PX_PER_COLOUR).toBeCloseTo(1, 1)
  })
})
