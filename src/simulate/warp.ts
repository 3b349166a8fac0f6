// The emulsion has crept while it dried: a smooth displacement of places over the plate, drawn from a seed.
import { randomStream } from './random.ts'

/** Displacement of the emulsion at a place on the plate: millimetres from its centre in, micrometres out. */
export type Warp = (xMm: number, yMm: number) => [dxUm: number, dyUm: number]

/** Waves that make up one component: with fewer, the field is visibly not Gaussian. */
const WAVES = 128

interface Wave {
  /** Radians per millimetre. */
  kx: number
  ky: number
  phase: number
}

/**
 * A Gaussian random field: each component has mean 0, standard deviation `rmsUm` over all seeds, and correlation
 * exp(−d²/2L²) between places d apart, L = `scaleMm`; the two are independent. It is a sum of plane waves whose wave
 * numbers are normal deviates over L (Rahimi and Recht 2007, NIPS 20, random Fourier features), so it needs no grid.
 */
export function emulsionWarp(seed: number, rmsUm: number, scaleMm: number): Warp {
  const component = (name: string) => {
    const random = randomStream(seed, name)
    const waves = Array.from({ length: WAVES }, (): Wave => {
      const [kx, ky] = [random.gauss() / scaleMm, random.gauss() / scaleMm]
      return { kx, ky, phase: random.between(0, 2 * Math.PI) }
    })
    const amplitude = rmsUm * Math.sqrt(2 / WAVES)
    return (x: number, y: number) =>
      amplitude * waves.reduce((sum, { kx, ky, phase }) => sum + Math.cos(kx * x + ky * y + phase), 0)
  }
  const [along, across] = [component('warp along x'), component('warp along y')]
  return (xMm, yMm) => [along(xMm, yMm), across(xMm, yMm)]
}
