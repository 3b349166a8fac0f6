// Parted images as detections: rows of their own, beside those that they were parted from.
import { type Detections, PLACE } from '../../detections.ts'
import { columnTree } from '../../math/place-tree.ts'
import { median } from '../../math/robust.ts'
import { REJECT } from '../../reject.ts'
import type { Measured } from '../../stages/extract/profile/measure.ts'
import { widthOf } from '../../stages/extract/profile/shape.ts'
import { adoptProfiles } from '../../stages/extract/profile-places.ts'
import { rankUniformly } from '../../stages/filter/rank.ts'
import type { FilterResult } from '../../stages/filter.ts'
import type { Learnt, Parted, PartingInput } from '../parting.ts'
import { TIE_LN } from './companions.ts'
import type { Listed } from './listed.ts'
import { type Measures, measuresOf, onlyRows, usualMeasures, withRows } from './measures.ts'
import { patternAgain } from './pattern.ts'

/** @returns null where too few images tell what SExtractor would have measured of the parts */
export function withParts(
  list: readonly Listed[],
  measured: Measured,
  input: PartingInput,
  learnt: Learnt,
): Parted | null {
  const { detections: d } = input
  const measures = partMeasures(list, measured, d, learnt)
  if (measures === undefined) return null
  const more = list.slice(d.length).map(({ like }, k) => ({ like, measures: measures(d.length + k) }))
  const adopted = adoptProfiles(withRows(d, more), measured, lookOf(learnt), input)
  const kept = keptRows(list, measured, adopted, d.length, lookOf(learnt).widthPx)
  const detections = onlyRows(adopted, kept)
  // A detection that held other images too has the light of all of them.
  for (const row of kept.slice(d.length)) {
    const { like } = list[row]!
    if (!isTaken(adopted, measured, like)) continue
    for (const [name, value] of Object.entries(measures(like))) {
      if (!OWN.has(name)) detections[name as keyof Measures][like] = value
    }
  }
  const likes = kept.map((row) => list[row]!.like)
  const filtered = filteredAgain(input, detections, likes)
  return { detections, filtered, pattern: patternAgain(detections, list, kept, input, learnt) }
}

const lookOf = ({ plate: { shape, grain } }: Learnt) => ({ widthPx: widthOf(shape), grain })

/** What a detection that was parted keeps. */
const OWN: ReadonlySet<string> = new Set(
  'x y xErrorPx yErrorPx xWin yWin xIso yIso placeSource sexFlags'.split(' '),
)

/** What SExtractor would have measured of each image of the list. */
function partMeasures(
  list: readonly Listed[],
  measured: Measured,
  d: Detections,
  { plate }: Learnt,
): ((k: number) => Measures) | undefined {
  const blends = new Set(list.slice(d.length).map(({ like }) => like))
  const isSingle = (row: number) => measured.groupSize[row] === 1 && !blends.has(row)
  const light = measured.light.subarray(0, d.length)
  const usual = usualMeasures(d, light, isSingle) ?? usualMeasures(d, light, () => true)
  if (usual === undefined) return undefined
  return (k) => {
    const { x, y, like } = list[k]!
    const [xErrorPx, yErrorPx] = [measured.xErrorPx[k]!, measured.yErrorPx[k]!]
    const image = { x, y, xErrorPx, yErrorPx, light: measured.light[k]! }
    return measuresOf(image, usual, plate.shape, d.sexFlags[like]!)
  }
}

/** The place is that of the profile that was fitted last. */
const isTaken = (adopted: Detections, measured: Measured, row: number): boolean =>
  adopted.placeSource[row] === PLACE.profile && adopted.x[row] === measured.x[row]

/** ln of the light of a part is known to a fifth: five sigmas, and what the tie knows of it. */
const MOST_LIGHT_ERROR = 1 / Math.hypot(5, 1 / TIE_LN)
/** Widths, with what the grain adds: its place is told by its own light, not by the tie. */
const MOST_ERROR = 0.12
/** Nearer to each other than this, two images would be one that was counted twice. */
const SAME_WIDTHS = 0.5

/** All detections, and the parts that stand out and whose places are sound, as are those that they were parted from. */
function keptRows(
  list: readonly Listed[],
  measured: Measured,
  adopted: Detections,
  detections: number,
  widthPx: number,
): number[] {
  const tree = columnTree(adopted.x, adopted.y)
  const kept = new Set(Array.from({ length: detections }, (_, row) => row))
  for (let row = detections; row < list.length; row++) {
    const isSound =
      isTaken(adopted, measured, row) &&
      isTaken(adopted, measured, list[row]!.like) &&
      measured.lightError[row]! < MOST_LIGHT_ERROR &&
      Math.max(measured.xErrorPx[row]!, measured.yErrorPx[row]!) < MOST_ERROR * widthPx
    const near = tree.within(adopted.x[row]!, adopted.y[row]!, SAME_WIDTHS * widthPx)
    if (isSound && near.every((other) => other === row || !kept.has(other))) kept.add(row)
  }
  return [...kept]
}

/** What the shape of a blend says against it says nothing against its parts. */
const OF_SHAPE = REJECT.TOO_SHARP | REJECT.TOO_WIDE | REJECT.PEAK | REJECT.ELONGATED | REJECT.SHARP_EDGE

/**
 * As the filter left the detections. The parts of blends take no part in the plate's stellar sequence, which would grow too
 * narrow with them: they have the usual measures.
 *
 * @param like  of each row: the detection itself, or that from which it is parted
 */
function filteredAgain(
  { filtered, width, height, area, fwhmPx }: PartingInput,
  detections: Detections,
  like: readonly number[],
): FilterResult {
  const first = filtered.reject.length
  const isParted = new Set(like.slice(first))
  const reject = Int32Array.from(like, (from) =>
    isParted.has(from) ? filtered.reject[from]! & ~OF_SHAPE : filtered.reject[from]!,
  )
  // Where the filter left none, the parts are as sure as anything.
  const accepted = filtered.pStar.filter((_, row) => filtered.reject[row] === 0)
  const usual = accepted.length > 0 ? median(accepted) : 1
  const pStar = Float64Array.from(like, (from, row) => {
    if (row < first && filtered.reject[from] === 0) return filtered.pStar[from]!
    return reject[row] === 0 ? usual : filtered.pStar[from]!
  })
  const ranked = rankUniformly({ detections, width, height, area, fwhmPx }, reject, pStar)
  return { ...filtered, reject, pStar, ranked }
}
