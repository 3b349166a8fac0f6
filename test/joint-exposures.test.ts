import { describe, expect, it } from 'vitest'
import { accept } from '../src/accept.ts'
import { directionsOf, membersOf } from '../src/joint/member.ts'
import { stacked, withoutDoubleClaims } from '../src/joint/stack.ts'
import { unstacked } from '../src/joint/unstack.ts'
import { type Exposure, fitTogetherInSteps } from '../src/joint-exposures.ts'
import { ARCSEC } from '../src/math/sphere.ts'
import { toStandard } from '../src/math/tangent.ts'
import { modelOf, SIMPLEST } from '../src/models/models.ts'
import { standardAt, varianceAt } from '../src/models/plate-constants.ts'
import { contextFor } from '../src/models/plate-context.ts'
import { toSip } from '../src/models/wcs-polynomials.ts'
import { publishedConstants } from '../src/published-constants.ts'
import { fit as fitted } from '../src/stages/fit.ts'
import { atOnce } from '../src/steps.ts'
import {
  type Distortion,
  type Exposed,
  refinedAlone,
  rmsOffPx,
  type TrueExposuresOptions,
  trueExposures,
} from './models/true-exposures.ts'
import { CONFIG, FWHM_PX } from './models/true-field.ts'

const fitTogether = (alone: readonly Exposure[]) => atOnce(fitTogetherInSteps(alone, CONFIG))

const PIXEL = 2 * ARCSEC // radians

/** Cubic and lopsided: no tilt and no radial term describes it. */
const CUBIC: Distortion = (u, v) => [
  2 * u ** 3 - 1.5 * u * v ** 2 + u * v,
  1.5 * v ** 3 + 1.2 * u ** 2 * v - v ** 2,
]
const MIRRORED: Distortion = (u, v, m) => CUBIC(-u, -v, m).map((shift) => -2 * shift) as [number, number]
const SHIFTED = [
  { offsetPx: [0, 0] as [number, number] },
  { offsetPx: [60, 25] as [number, number], turnDeg: 0.3, stretch: 4e-4, magStep: 0.4 },
  { offsetPx: [-90, 110] as [number, number], turnDeg: -25 },
]

function compared(options: Omit<TrueExposuresOptions, 'count'> & { count?: number }) {
  const exposed = trueExposures({ count: 110, ...options })
  const alone = refinedAlone(exposed)
  const together = fitTogether(alone)
  const off = (refined: { constants: Exposure['refined']['constants'] }[]) =>
    rms(refined.map(({ constants }, k) => rmsOffPx(constants, exposed[k]!, PIXEL)))
  return {
    exposed,
    alone,
    together,
    aloneOff: off(alone.map(({ refined }) => refined)),
    off: off(together.refined),
  }
}

const rms = (values: number[]) =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length)

describe('exposures of one telescope', () => {
  it.each(['telescope', 'plate'] as const)(
    'have places nearer the truth together than alone, and tell that the %s was moved',
    (moved) => {
      const found = [1, 2].map((seed) => compared({ seed, exposures: SHIFTED, distortion: CUBIC, moved }))
      const [alone, together] = [rms(found.map((f) => f.aloneOff)), rms(found.map((f) => f.off))]
      console.log(
        `joint exposures, ${moved} moved: off by ${alone.toFixed(3)} px alone, ${together.toFixed(3)} px together`,
      )
      expect(found.map((f) => f.together.members)).toEqual(found.map(() => [0, 1, 2]))
      expect(found.map((f) => f.together.moved)).toEqual(found.map(() => moved))
      expect(together).toBeLessThan(0.75 * alone)
      const pulls = found.flatMap((f) =>
        f.together.refined.map((own, k) => pullsOf(own.constants, f.exposed[k]!)),
      )
      const width = rms(pulls.flat())
      console.log(
        `joint exposures, ${moved} moved: pulls of the constants over the plate ${width.toFixed(2)}`,
      )
      expect(width).toBeGreaterThan(0.6)
      expect(width).toBeLessThan(1.5)
      for (const { together, exposed } of found) {
        for (const refined of together.refined) {
          const { width, height } = exposed[0]!.input
          expect(accept(refined, { width, height, fwhmPx: FWHM_PX }).reasons).toEqual([])
          expect(toSip(refined.constants, width, height).departurePx).toBeLessThan(0.01)
        }
      }
    },
  )

  it('share the magnitude equation by how images look, not by their stars', () => {
    const shift: Distortion = (_u, _v, m) => [0.25 * m, 0]
    const exposures = [SHIFTED[0]!, { ...SHIFTED[1]!, magStep: 1.5 }]
    const { together } = compared({ seed: 21, count: 400, exposures, distortion: shift })
    const [first, second] = together.refined.map(({ constants }) => constants)
    const step = second!.star.mag - first!.star.mag
    console.log(`joint exposures: ${step.toFixed(2)} mag between images that look alike, truth −1.50`)
    expect(together.members).toEqual([0, 1])
    expect(step).toBeCloseTo(-1.5, 1)
  })

  it('have a magnitude equation each where the guiding differed', () => {
    const guided =
      (um: number): Distortion =>
      (u, v, m) => [CUBIC(u, v, m)[0] + um * m, CUBIC(u, v, m)[1]]
    const exposures = [SHIFTED[0]!, { ...SHIFTED[1]!, distortion: guided(-0.3) }]
    const { together } = compared({ seed: 22, count: 200, exposures, distortion: guided(0.3) })
    const models = together.refined.map(({ constants }) => constants.model.name)
    expect(together.members).toEqual([0, 1])
    expect(models[1]).toContain('magnitude of each exposure')
    const along = together.refined.map(({ constants: { model, xi } }) => {
      const m = model.terms.findIndex(
        (term) => term.kind === 'power' && term.m === 1 && term.u + term.v === 0,
      )
      return xi[m]! / PIXEL
    })
    console.log(
      `joint exposures: ${along.map((px) => px.toFixed(2)).join(', ')} px per magnitude, truth 0.30, −0.30`,
    )
    expect(along[0]).toBeCloseTo(0.3, 1)
    expect(along[1]).toBeCloseTo(-0.3, 1)
  })

  it('of two telescopes stay as they were', () => {
    const exposures = [SHIFTED[0]!, { ...SHIFTED[1]!, distortion: MIRRORED }]
    const { alone, together } = compared({ seed: 31, exposures, distortion: CUBIC })
    expect(together.members).toEqual([])
    expect(together.moved).toBeNull()
    expect(Math.min(...together.gainSigmas.map((gain) => gain!))).toBeLessThan(-2)
    for (const [k, refined] of together.refined.entries()) expect(refined).toBe(alone[k]!.refined)
  })

  it('leave out one that is of another telescope', () => {
    const exposures = [SHIFTED[0]!, { ...SHIFTED[1]!, distortion: MIRRORED }, SHIFTED[2]!]
    const { alone, together } = compared({ seed: 32, exposures, distortion: CUBIC })
    expect(together.members).toEqual([0, 2])
    expect(together.refined[1]).toBe(alone[1]!.refined)
    expect(together.refined[0]).not.toBe(alone[0]!.refined)
  })

  it('are nothing to fit together when there is one', () => {
    const [alone] = refinedAlone(
      trueExposures({ seed: 41, count: 80, exposures: [SHIFTED[0]!], distortion: CUBIC }),
    )
    expect(fitTogether([alone!])).toEqual({
      ...{ refined: [alone!.refined], members: [], moved: null, gainSigmas: [null] },
    })
    expect(fitTogether([]).refined).toEqual([])
  })
})

/** Distances from the truth in units of what the constants say of themselves, at places inside the plate. */
function pullsOf(constants: Exposure['refined']['constants'], { truth, frame }: Exposed): number[] {
  const pulls: number[] = []
  for (const u of [-0.8, -0.4, 0, 0.4, 0.8]) {
    for (const v of [-0.8, -0.4, 0, 0.4, 0.8]) {
      const [x, y] = [frame.x0 + u * frame.halfPx, frame.y0 + v * frame.halfPx]
      const { raRad, decRad } = truth(x, y)
      const right = toStandard(raRad, decRad, constants.ra0, constants.dec0)!
      const own = standardAt(constants, x, y, 14, 0.9)
      const variance = varianceAt(constants, x, y, 14, 0.9)
      pulls.push(
        (own.xi - right.xi) / Math.sqrt(variance.xi),
        (own.eta - right.eta) / Math.sqrt(variance.eta),
      )
    }
  }
  return pulls
}

describe('the constants of one exposure', () => {
  const choices = {
    cubic: { ...SIMPLEST, geometry: 6 },
    'projective + radial + coma': { ...SIMPLEST, geometry: 3, coma: 1 },
    'quadratic + magnitude of each exposure': { ...SIMPLEST, geometry: 4, magnitude: 2 },
  }
  it.each(Object.entries(choices))(
    'are those of the joint %s fit, turned: places and residuals agree',
    (_, chosen) => {
      const exposed = trueExposures({ seed: 51, count: 120, exposures: SHIFTED, distortion: CUBIC })
      const alone = refinedAlone(exposed)
      const members = membersOf(alone, 'plate')!
      const paired = members.map(({ refined }) => refined)
      const columns = stacked(members, paired, Number.POSITIVE_INFINITY)
      const { directions: axes } = directionsOf(members[0]!.axes)
      const context = { ...contextFor(alone[0]!.refined.constants), axes, exposures: 3 }
      const result = fitted({ ...columns, context, maxDegree: 5, chosen, full: true, local: false })!
      let worst = 0
      members.forEach((member, k) => {
        const own = unstacked(result, columns, members, k)
        const { pairs, detections, mag } = member.refined
        expect(own.constants.model.parts).toEqual(modelOf(chosen, context).parts)
        pairs.detection.forEach((row, i) => {
          const star = pairs.reference[i]!
          const bpRp = member.input.stars.bpRp[star]!
          const place = standardAt(own.constants, detections.x[row]!, detections.y[row]!, mag[row]!, bpRp)
          const { residualXi, residualEta } = own.fit
          const [dx, dy] = [
            place.xi - member.projected.xi[star]! - residualXi[i]!,
            place.eta - member.projected.eta[star]! - residualEta[i]!,
          ]
          worst = Math.max(worst, Math.hypot(dx, dy) / PIXEL)
        })
        expect(() => publishedConstants(own.constants)).not.toThrow()
        const { covariance } = own.constants.fitted!
        const size = own.constants.model.coefficients.length
        for (let i = 0; i < size; i++) expect(covariance[i * size + i]).toBeGreaterThan(0)
      })
      expect(worst).toBeLessThan(1e-6)
    },
  )
})

describe('a detection that two exposures claim', () => {
  it('is of the exposure whose star is nearer', () => {
    const pairs = (detection: number[]) => ({
      detection: Int32Array.from(detection),
      reference: Int32Array.from(detection, (row) => 10 + row),
    })
    const detId = Int32Array.of(1, 2, 3)
    const [first, second] = withoutDoubleClaims([
      { detId, pairs: pairs([0, 1]), apart: Float64Array.of(0.3, 0.2) },
      { detId, pairs: pairs([1, 2]), apart: Float64Array.of(0.1, 0.5) },
    ])
    expect(Array.from(first!.detection)).toEqual([0])
    expect(Array.from(second!.detection)).toEqual([1, 2])
    expect(Array.from(second!.reference)).toEqual([11, 12])
  })
})
