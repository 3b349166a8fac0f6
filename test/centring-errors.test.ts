// The errors that the catalogue quotes for its images: against the true errors of the detections of a known plate.
import { describe, expect, it } from 'vitest'
import { kindOf } from '../src/centring-errors.ts'
import { SEX_FLAG } from '../src/detections.ts'
import { DEG } from '../src/math/sphere.ts'
import { toStandard } from '../src/math/tangent.ts'
import { IMAGE_KIND } from '../src/models/centring.ts'
import { standardAt, varianceAt } from '../src/models/plate-constants.ts'
import { refine } from '../src/refine.ts'
import { REJECT } from '../src/reject.ts'
import { randomStream } from '../src/simulate/random.ts'
import { CONFIG, type FieldOptions, trueField } from './models/true-field.ts'
import { centringPx, detectionsAt } from './models/true-plate.ts'
import { width } from './stages/fit/pairs.ts'

const BLENDED = 2 // times the error of other images

interface Pull {
  pull: number
  gMag: number
  radius: number
  blended: boolean
  paired: boolean
}

/** (place on the sky − true place) / quoted error, both axes of every image of a star, for a catalogue without errors. */
function pullsOf(options: FieldOptions): Pull[] {
  const { input, star } = trueField({ ...options, referenceErrorMas: 0.01 })
  // One image in five is blended, says so, and lies further off.
  const random = randomStream(options.seed, 'blends')
  const { x, y, sexFlags } = input.detections
  const blended = sexFlags.map(() => (random.next() < 0.2 ? 1 : 0))
  const further = (i: number) =>
    blended[i] === 1 && star[i]! >= 0
      ? Math.sqrt(BLENDED ** 2 - 1) * centringPx(input.stars.gMag[star[i]!]!) * random.gauss()
      : 0
  const detections = {
    ...input.detections,
    x: x.map((value, i) => value + further(i)),
    y: y.map((value, i) => value + further(i)),
    sexFlags: sexFlags.map((_, i) => (blended[i] === 1 ? SEX_FLAG.blended : 0)),
  }
  const refined = refine({ ...input, detections }, CONFIG)!
  const { constants, centring, mag, pairs } = refined
  const paired = new Set(pairs.detection)
  return Array.from(star).flatMap((row, i) => {
    if (row < 0) return []
    const { stars } = input
    const image = [detections.x[i]!, detections.y[i]!, mag[i]!, stars.bpRp[row]!] as const
    const place = standardAt(constants, ...image)
    const truth = toStandard(
      stars.raDeg[row]! * DEG,
      stars.decDeg[row]! * DEG,
      constants.ra0,
      constants.dec0,
    )!
    const variance = varianceAt(constants, ...image)
    const { frame } = constants
    const radius = Math.hypot(image[0] - frame.x0, image[1] - frame.y0) / frame.halfPx
    const of = (off: number, own: number) => ({
      pull: off / Math.sqrt(centring[i]! ** 2 + own),
      gMag: stars.gMag[row]!,
      radius,
      blended: blended[i] === 1,
      paired: paired.has(i),
    })
    return [of(place.xi - truth.xi, variance.xi), of(place.eta - truth.eta, variance.eta)]
  })
}

describe('the quoted error of an image', () => {
  it('is its true one: pulls of width 1.00 ± 0.05, by magnitude, by radius and for blended images too', () => {
    const pulls: Pull[] = []
    for (let seed = 1; seed <= 6; seed++) {
      pulls.push(...pullsOf({ seed, count: 800, degree: (seed % 3) + 1, bendPx: 1 }))
    }
    const all = width(pulls.map(({ pull }) => pull))
    console.log(`pulls of all ${pulls.length / 2} images of stars, paired or not: width ${all.toFixed(3)}`)
    expect(Math.abs(all - 1)).toBeLessThan(0.05)
    const bins: [string, (one: Pull) => boolean][] = [
      ...[9, 12, 13, 14, 15].map((from, k, list): [string, (one: Pull) => boolean] => {
        const to = list[k + 1] ?? 16
        return [`G ${from} to ${to}`, ({ gMag }) => gMag >= from && gMag < to]
      }),
      ...[0, 0.5, 0.8, 1.1].map((from, k, list): [string, (one: Pull) => boolean] => {
        const to = list[k + 1] ?? 1.5
        return [`radius ${from} to ${to}`, ({ radius }) => radius >= from && radius < to]
      }),
      ['blended', ({ blended }) => blended],
      ['not blended', ({ blended }) => !blended],
    ]
    for (const [name, isIn] of bins) {
      const own = pulls.filter(isIn).map(({ pull }) => pull)
      console.log(`${name}: ${own.length / 2} images, pulls of width ${width(own).toFixed(3)}`)
      expect(own.length, name).toBeGreaterThan(200)
      expect(width(own), name).toBeGreaterThan(0.9)
      expect(width(own), name).toBeLessThan(1.1)
    }
  })

  it('does not become small by what was fitted to the same stars, when these are few', () => {
    const pulls: number[] = []
    for (let seed = 50; seed < 70; seed++) {
      pulls.push(...pullsOf({ seed, count: 60, degree: 2, bendPx: 1 }).map(({ pull }) => pull))
    }
    console.log(`plates of 60 stars: pulls of width ${width(pulls).toFixed(3)}`)
    expect(width(pulls)).toBeGreaterThan(0.8)
    expect(width(pulls)).toBeLessThan(1.25)
  })

  it('is its true one where a local field was found', () => {
    const pulls: number[] = []
    for (let seed = 1; seed <= 3; seed++) {
      const shift: FieldOptions['shift'] = ({ u, v }) => [
        0.4 * Math.sin(8 * u + 1) * Math.cos(7 * v),
        0.4 * Math.cos(7 * u - 8 * v),
      ]
      const options = { seed, count: 1200, shift }
      expect(refine(trueField(options).input, CONFIG)!.constants.local).not.toBeNull()
      pulls.push(...pullsOf(options).map(({ pull }) => pull))
    }
    console.log(`creased emulsion: pulls of width ${width(pulls).toFixed(3)}`)
    expect(width(pulls)).toBeGreaterThan(0.9)
    expect(width(pulls)).toBeLessThan(1.1)
  })

  it('knows kinds of images by their flags, the source of their place and why they were rejected', () => {
    const { neighbour, blended, saturated } = SEX_FLAG
    const flags = [0, neighbour, blended, saturated, neighbour | blended, 0, 0, 0]
    const detections = {
      ...detectionsAt(new Float64Array(8), new Float64Array(8), { sexFlags: flags }),
      placeSource: Uint8Array.of(0, 0, 0, 0, 0, 1, 2, 0),
    }
    const reject = Int32Array.of(0, 0, 0, 0, 0, 0, 0, REJECT.ELONGATED)
    const kinds = flags.map((_, row) => kindOf(detections, reject, row))
    expect(kinds).toEqual([
      0,
      IMAGE_KIND.neighbour,
      IMAGE_KIND.blended,
      IMAGE_KIND.saturated,
      IMAGE_KIND.neighbour | IMAGE_KIND.blended,
      IMAGE_KIND.isophotal,
      IMAGE_KIND.profile,
      IMAGE_KIND.rejected,
    ])
  })
})
