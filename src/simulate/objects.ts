// Large objects on the sky besides stars: their light, added to that of the stars before the emulsion sees it.
import { cometLight } from './objects/comet.ts'
import { nebulaLight } from './objects/nebula.ts'
import { moonLight, planetLight } from './objects/overexposed.ts'
import type { SimulateOptions } from './options.ts'
import { randomStream } from './random.ts'
import type { Strip } from './strip.ts'

/** Light at a pixel (from 0), units of the sky. */
export type LightAt = (x: number, y: number) => number

export interface Ground {
  width: number
  height: number
  fwhmPx: number
}

/** Adds the light of every object that the options ask for to a strip. Each has its own stream of the seed. */
export function largeObjects(
  options: SimulateOptions,
  { width, height, scaleArcsecPerPx }: { width: number; height: number; scaleArcsecPerPx: number },
): (light: Float32Array, strip: Strip) => void {
  const ground = { width, height, fwhmPx: options.fwhm }
  const stream = (name: string) => randomStream(options.seed, name)
  const moonPx = (options.moon * 3600) / scaleArcsecPerPx
  const lights: LightAt[] = [
    ...(options.nebula > 0
      ? [nebulaLight({ share: options.nebula, top: options.nebulaLight }, ground, stream('nebula'))]
      : []),
    ...(options.moon > 0 ? [moonLight(moonPx, ground, stream('moon'))] : []),
    ...(options.planet > 0 ? [planetLight(options.planet, ground, stream('planet'))] : []),
    ...(options.comet > 0
      ? [cometLight({ fwhmPx: options.comet, top: options.cometLight }, ground, stream('comet'))]
      : []),
  ]
  return (light, strip) => {
    for (const at of lights) {
      for (let row = 0; row < strip.rows; row++) {
        for (let x = 0; x < strip.width; x++) light[row * strip.width + x]! += at(x, strip.y0 + row)
      }
    }
  }
}
