// What is left on a plate when its exposures are known: images that belong to none of them call it back.
import { imagesOf } from '../called-back/places.ts'
import { calledBack } from '../called-back.ts'
import type { ExposureInput } from '../exposure.ts'
import type { Exposure } from '../exposures.ts'
import type { Reason } from '../issues.ts'
import type { Plate } from '../plate.ts'
import { type ExposurePart, shifted } from './parts.ts'

/** From one exposure to the others, in the middle of the plate, px. */
export function offsetsFrom(
  part: ExposurePart,
  parts: readonly ExposurePart[],
  { width, height }: Pick<Plate, 'width' | 'height'>,
): [dx: number, dy: number][] {
  const own = part.shift
  if (own === null) return []
  return parts.flatMap(({ shift }): [number, number][] => {
    if (shift === null || shift === own) return []
    const [to, from] = [shift, own].map((one) => shifted(one, width / 2, height / 2)) as [Place, Place]
    return [[to.x - from.x, to.y - from.y]]
  })
}

type Place = ReturnType<typeof shifted>

/** What is left over when all exposures are known. */
export function callBack(
  exposures: readonly Exposure[],
  parts: readonly ExposurePart[],
  input: ExposureInput,
): Reason[] {
  return exposures.slice(0, 1).flatMap((exposure) => {
    const others = exposures.filter((other) => other !== exposure)
    const { plate, filtered, fwhmPx } = input
    const { width, height } = plate
    const elsewhere = new Set([
      ...exposure.part.elsewhere,
      ...others.flatMap(({ refined }) => [...imagesOf(refined, fwhmPx)]),
    ])
    const { reject } = exposure.part.filtered
    const far = exposure.verdict.repeatedAt
    const reasons = calledBack({
      ...{ refined: exposure.refined, reject, ranked: filtered.ranked, width, height, fwhmPx, elsewhere },
      ...(far === null ? {} : { reachPx: Math.hypot(...far) + 2 * fwhmPx }),
    })
    // Images of known exposures whose star is not known lie at the offsets of these.
    const known = offsetsFrom(exposure.part, parts, input.plate)
    return reasons.filter(({ code, evidence }) => {
      if (code !== 'SECOND_PATTERN') return true
      const [x, y] = evidence.offset_px as [number, number]
      return !known.some(
        ([dx, dy]) => Math.hypot(x - dx, y - dy) < 2 * fwhmPx || Math.hypot(x + dx, y + dy) < 2 * fwhmPx,
      )
    })
  })
}
