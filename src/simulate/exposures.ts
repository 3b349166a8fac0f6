// The exposures of a plate from its options: epochs, shifts, magnitude steps, and how each spreads the light.
import { UserError } from '../errors.ts'
import { DEG } from '../math/sphere.ts'
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

/** One exposure for a single, trailed or prism plate; several for a plate of the kind multi. */
export function exposuresOf(options: SimulateOptions, epochYr: number, random: Random): Exposure[] {
  const angle = random.between(0, 2 * Math.PI)
  if (options.kind !== 'multi') return [{ epochYr, offsetUm: [0, 0], magStep: 0 }]
  const offsets: [number, number][] = options.offsets
    ? parseOffsets(options.offsets)
    : Array.from({ length: options.exposures }, (_, k) => [
        k * USUAL_STEP_UM * Math.cos(angle),
        k * USUAL_STEP_UM * Math.sin(angle),
      ])
  return offsets.map((offsetUm, k) => ({
    epochYr: epochYr + k * options.epochStep,
    offsetUm,
    magStep: k * options.magStep,
  }))
}

export function spreadOf(options: SimulateOptions): Spread {
  const { kind, length, defocus, obstruction } = options
  const angleRad = options.angle * DEG
  if (kind === 'trailed') return { kind: 'trail', lengthPx: length, angleRad }
  if (kind === 'prism') return { kind: 'spectrum', lengthPx: length, angleRad }
  if (defocus > 0) return { kind: 'disc', lengthPx: defocus, angleRad, hole: obstruction }
  return { kind: 'point', lengthPx: 0, angleRad }
}
