// The Moon and planets: discs far beyond what the emulsion can show, with the light that they scatter.
import type { Ground, LightAt } from '../objects.ts'
import type { Random } from '../random.ts'

const MOON_LIGHT = 3000 // sky units: black at any exposure that shows stars
const MOON_GLOW = 6 // at its rim, falling with the square of the distance
const MOON_FOG = 0.3 // over the whole plate: the sky is bright when the Moon is up
const PLANET_LIGHT = 1500
const PLANET_GLOW = 4
const EDGE = 0.5 // width of the disc's edge over that of a star image

export function moonLight(diameterPx: number, ground: Ground, random: Random): LightAt {
  const light = disc(diameterPx, MOON_LIGHT, { strength: MOON_GLOW, power: 2 }, ground, random)
  return (x, y) => light(x, y) + MOON_FOG
}

export function planetLight(diameterPx: number, ground: Ground, random: Random): LightAt {
  return disc(diameterPx, PLANET_LIGHT, { strength: PLANET_GLOW, power: 3 }, ground, random)
}

/** A disc with a soft edge and a glow from its rim on. */
function disc(
  diameterPx: number,
  top: number,
  glow: { strength: number; power: number },
  { width, height, fwhmPx }: Ground,
  random: Random,
): LightAt {
  const [x0, y0] = [random.between(0.2, 0.8) * width, random.between(0.2, 0.8) * height]
  const radius = diameterPx / 2
  const soft = EDGE * fwhmPx
  return (x, y) => {
    const r = Math.hypot(x - x0, y - y0)
    const around = glow.strength * (radius / Math.max(r, radius)) ** glow.power
    const beyond = (r - radius) / soft
    return beyond > 40 ? around : around + top / (1 + Math.exp(beyond))
  }
}
