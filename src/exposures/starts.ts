// The first solution of an exposure from that of another one on the same plate: the same sky, shifted on the plate.
import type { SolvedExposure } from '../exposure.ts'
import type { Exposure } from '../exposures.ts'
import type { Reason } from '../issues.ts'
import { DEG, separationDeg } from '../math/sphere.ts'
import { PLATE_MODELS } from '../models/models.ts'
import {
  fromLinearWcs,
  jacobianAt,
  orientation,
  type PlateConstants,
  retangent,
  skyAt,
} from '../models/plate-constants.ts'
import type { Refined } from '../refine.ts'
import type { Solution as FirstSolution } from '../stages/solve.ts'
import { type ExposurePart, type Shift, shifted, unshifted } from './parts.ts'

/** @param known  plate constants of the exposure that has the shift `from`; those of one with the shift `to` are wanted */
export function shiftedStart(known: PlateConstants, from: Shift, to: Shift): FirstSolution {
  const { frame } = known
  // About the sky in the middle of its frame: elsewhere the axes of ξ and η point in other directions.
  const about = retangent(known, frame) ?? known
  const { raRad, decRad } = skyAt(about, frame.x0, frame.y0)
  const at = (x: number, y: number) => {
    const deepest = unshifted(from, x, y)
    return shifted(to, deepest.x, deepest.y)
  }
  const there = at(frame.x0, frame.y0)
  const [right, up] = [at(frame.x0 + 1, frame.y0), at(frame.x0, frame.y0 + 1)]
  const [p, q, r, s] = [right.x - there.x, up.x - there.x, right.y - there.y, up.y - there.y]
  const [a, b, c, d] = jacobianAt(about, frame.x0, frame.y0)
  const determinant = p * s - q * r
  // ∂(ξ, η)/∂(x', y') = ∂(ξ, η)/∂(x, y) · (∂(x', y')/∂(x, y))⁻¹
  const cd = [a * s - b * r, b * p - a * q, c * s - d * r, d * p - c * q].map(
    (value) => value / determinant / DEG,
  )
  const wcs = {
    crval: [raRad / DEG, decRad / DEG] as const,
    crpix: [there.x, there.y] as const,
    cd,
  }
  return start(fromLinearWcs(wcs, frame, PLATE_MODELS[0]!), 'shifted from another exposure')
}

/** The first exposure that was solved tells where the others are. */
export function startsFor(part: ExposurePart, solved: readonly Exposure[]): FirstSolution[] {
  const [known] = solved
  if (known === undefined || part.shift === null || known.part.shift === null) return []
  return [shiftedStart(known.refined.constants, known.part.shift, part.shift)]
}

/** A second pattern that a solution showed is the start of the next. */
export function startsBy({ code, evidence }: Reason, exposures: readonly Exposure[]): FirstSolution[] {
  const [known] = exposures
  if (code !== 'SECOND_PATTERN' || known === undefined || !Array.isArray(evidence.offset_px)) return []
  const [x0, y0] = evidence.offset_px as [number, number]
  const none: Shift = { x0: 0, y0: 0, matrix: [1, 0, 0, 1] }
  return [shiftedStart(known.refined.constants, none, { ...none, x0, y0 })]
}

/** A solution that was found before, to be refined again. */
export function asStart({ refined }: SolvedExposure): FirstSolution {
  return start(refined.constants, 'again, with its own date')
}

function start(constants: PlateConstants, attempt: string): FirstSolution {
  return {
    ...{ constants, logOdds: null, indexFile: '' },
    attempt: { attempt, solved: true, log_odds: null, seconds: 0, index_file: null, verdict: null },
  }
}

const SAME_PX = 3

/** Whether two solutions put the middle and a corner of the scan at the same places on the sky: one exposure that was found twice. */
export function isSameSolution(one: Refined, other: Refined): boolean {
  const { x0, y0, halfPx } = one.constants.frame
  const near = SAME_PX * orientation(one.constants).scaleRadPx
  return [0, 1].every((arm) => {
    const [a, b] = [one, other].map(({ constants }) =>
      skyAt(constants, x0 + arm * halfPx, y0 + arm * halfPx),
    ) as [Sky, Sky]
    return separationDeg(a.raRad / DEG, a.decRad / DEG, b.raRad / DEG, b.decRad / DEG) * DEG < near
  })
}

type Sky = ReturnType<typeof skyAt>
