// A comet: a head whose light falls as 1/(1 + r²), and a tail that widens and fades.
import type { Ground, LightAt } from '../objects.ts'
import type { Random } from '../random.ts'

const TAIL_LENGTH = 5 // e-folding length over the width of the head: it is seen over about twice that
const TAIL_LIGHT = 0.25 // of the head's, where the tail begins
const OPENING = 0.08 // by how much the tail widens along its length

export function cometLight(
  { fwhmPx, top }: { fwhmPx: number; top: number },
  { width, height }: Ground,
  random: Random,
): LightAt {
  const [x0, y0] = [random.between(0.25, 0.75) * width, random.between(0.25, 0.75) * height]
  const angle = random.between(0, 2 * Math.PI)
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  const half = fwhmPx / 2
  return (x, y) => {
    const [dx, dy] = [x - x0, y - y0]
    const [along, across] = [dx * c + dy * s, dy * c - dx * s]
    // Steeper than 1/(1 + q) far out, or the head would fog the plate.
    const q = (dx * dx + dy * dy) / (half * half)
    const head = top / ((1 + q) * (1 + q / 400))
    if (along <= 0) return head
    const sigma = 0.5 * half + OPENING * along
    const rise = 1 - Math.exp(-along / fwhmPx)
    const fall = Math.exp(-along / (TAIL_LENGTH * fwhmPx)) * ((0.5 * half) / sigma)
    return head + TAIL_LIGHT * top * rise * fall * Math.exp(-0.5 * (across / sigma) ** 2)
  }
}
