// The scaled place of each pair. Exposures that are fitted together may each have a frame of their own: where the plate was
// shifted behind the telescope, the middle of the telescope's distortion is at another place of the plate.
import type { PlateFrame } from '../../models/term.ts'
import type { FitInput } from '../fit.ts'

type Framed = Pick<FitInput, 'frame' | 'exposures'>

export const frameAt = ({ frame, exposures }: Framed, i: number): PlateFrame =>
  exposures === undefined ? frame : exposures.frames[exposures.of[i]!]!

/** u and v of every pair. */
export function scaledPlaces(input: Framed & Pick<FitInput, 'x' | 'y'>): {
  u: Float64Array
  v: Float64Array
} {
  const along = (axis: 'x' | 'y', middle: 'x0' | 'y0') =>
    input[axis].map((at, i) => {
      const frame = frameAt(input, i)
      return (at - frame[middle]) / frame.halfPx
    })
  return { u: along('x', 'x0'), v: along('y', 'y0') }
}
