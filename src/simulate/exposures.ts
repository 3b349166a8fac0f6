// The exposures of a plate from its options: epochs, shifts, magnitude steps, and how each spreads the light.
import { UserError } from '../errors.ts'
import { DEG } from '../math/sphere.ts'
import { gratingImages, WEDGE_UM, wedgeImages } from './ghosts.ts'
import type { Exposure, Spread } from './images.ts'
import type { SimulateOptions } from './options.ts'
import type { Random } from './random.ts'

const USUAL_STEP_UM = 700 // plates with several exposures are shifted by half a millimetre to a millimetre

function parseOffsets(list: string): [number, number][] {
  return list
    .trim()
    .split(/\s+/)
    .map((pair) => {
      const [x, y] = pair.split(',').map(Number)
      if (!Number.isFinite(x) || !Number.isFinite(y)) {
        throw new UserError(`--offsets has "${pair}"`, 'give pairs of numbers such as "0,0 600,-120"')
      }
      return [x!, y!]
    })
}

function parsePointings(list: string) {
  return list
    .trim()
    .split(/\s+/)
    .map((pair) => {
      const [raDeg, decDeg] = pair.split(',').map(Number)
      if (!(raDeg! >= 0 && raDeg! <= 360 && Math.abs(decDeg!) <= 90)) {
        throw new UserError(
          `--pointings has "${pair}"`,
          'give pairs of degrees such as "83.6,22.0 130.1,19.7"',
        )
      }
      return { raDeg: raDeg!, decDeg: decDeg! }
    })
}

/** One for a single, trailed or prism plate; several for the kind multi; one more for each companion image of a star. */
export function exposuresOf(options: SimulateOptions, epochYr: number, random: Random): Exposure[] {
  const angle = random.between(0, 2 * Math.PI)
  const along = (um: number): [number, number] => [um * Math.cos(angle), um * Math.sin(angle)]
  const direct: Exposure = { epochYr, offsetUm: [0, 0], magStep: 0, order: 0, turnDeg: 0 }
  const given = options.offsets ? parseOffsets(options.offsets) : undefined
  if (options.kind === 'wedge') return wedgeImages(direct, given?.at(-1) ?? along(WEDGE_UM), options)
  if (options.kind === 'grating') return gratingImages(direct, options)
  if (options.kind !== 'multi') return [direct]
  const steps = options.magSteps
    ?.trim()
    .split(/[\s,]+/)
    .map(Number)
  const pointings = options.pointings ? parsePointings(options.pointings) : undefined
  if (given && pointings) {
    throw new UserError('--offsets and --pointings were both given', 'give one of them')
  }
  const count = given?.length ?? (pointings ? pointings.length + 1 : (steps?.length ?? options.exposures))
  if (steps && steps.length !== count) {
    throw new UserError(
      `--mag-steps has ${steps.length} numbers for ${count} exposures`,
      'give one of each for every exposure',
    )
  }
  return Array.from({ length: count }, (_, k) => ({
    ...direct,
    epochYr: epochYr + k * options.epochStep,
    offsetUm: given?.[k] ?? (pointings ? [0, 0] : along(k * USUAL_STEP_UM)),
    magStep: steps?.[k] ?? k * (options.magStep ?? 0),
    turnDeg: k * options.rotationStep,
    ...(pointings && k > 0 ? { pointing: pointings[k - 1]! } : {}),
  }))
}

/** The exposures that were taken one after another: ghosts of a wedge or a grating belong to the first. */
export function trueExposures(options: SimulateOptions, exposures: readonly Exposure[]): readonly Exposure[] {
  return options.kind === 'multi' ? exposures : exposures.slice(0, 1)
}

export function spreadOf(options: SimulateOptions): Spread {
  const { kind, length, defocus, obstruction } = options
  const angleRad = options.angle * DEG
  if (kind === 'trailed') return { kind: 'trail', lengthPx: length, angleRad }
  if (kind === 'prism') return { kind: 'spectrum', lengthPx: length, angleRad }
  if (defocus > 0) return { kind: 'disc', lengthPx: defocus, angleRad, hole: obstruction }
  return { kind: 'point', lengthPx: 0, angleRad }
}
