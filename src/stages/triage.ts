// Stage 4, stars → class and exposures: whether the plate is one simple exposure, told before any solution, because two
// close exposures fed to a solver give a solution through the middle of both.
import type { Detections } from '../detections.ts'
import type { TileCorrelations } from '../image-tiles.ts'
import type { IssueCode, Reason } from '../issues.ts'
import { type DrawnOut, drawnOut, isAlong } from './triage/drawn-out.ts'
import { extendedObjects } from './triage/extended.ts'
import { nearlyAllSpecks, tooFewStars } from './triage/few-stars.ts'
import { outOfFocus } from './triage/focus.ts'
import { type Logbook, type PlateClass, weighLogbook } from './triage/logbook.ts'
import { type SeveralExposures, severalExposures } from './triage/several-exposures.ts'
import type { Sky } from './triage/sky-map.ts'
import { hasValley } from './triage/valley.ts'

export type { Logbook } from './triage/logbook.ts'

export interface TriageInput {
  detections: Detections
  /** Bit mask of `REJECT` per detection. */
  reject: Int32Array
  /** Rows without a reason against them, best first. */
  ranked: Int32Array
  /** Size of a pixel on the plate; null where it is not known. */
  pixelUm: number | null
  /** Of the scan; null where it is not known. */
  scaleArcsecPerPx: number | null
  width: number
  height: number
  fwhmPx: number
  logbook: Logbook
  sky: Sky
  /** Of its pixels, in tiles spread over the plate. */
  correlations: TileCorrelations[]
}

export interface TriageResult {
  class: PlateClass
  reasons: Reason[]
  /** What repeats at fixed offsets; null where there were too few images to ask. */
  several: SeveralExposures | null
}

const MULTI: ReadonlySet<IssueCode> = new Set(['MULTI_EXPOSURE', 'TOUCHING_EXPOSURES', 'WEDGE_GHOST'])

/** A person who has looked at the plate may insist that it serves as a direct exposure in spite of these. */
const HARMLESS_AT_TIMES: ReadonlySet<IssueCode> = new Set([
  'GRATING',
  'OUT_OF_FOCUS',
  'NEBULA',
  'MOON',
  'BRIGHT_OBJECT',
])

/** No logbook counts exposures otherwise because of these. */
const OF_THE_SKY: ReadonlySet<IssueCode> = new Set([
  'OUT_OF_FOCUS',
  'TOO_FEW_STARS',
  'NEBULA',
  'MOON',
  'BRIGHT_OBJECT',
])

/** Fewer cannot be asked whether they repeat. */
const MIN_STARS = 12

export function triage(input: TriageInput): TriageResult {
  const objects = extendedObjects(input)
  const { seen, several } = seenOn(input, objects)
  const insists = input.logbook.insists && input.logbook.method === 1
  const left = seen.map((r) =>
    insists && HARMLESS_AT_TIMES.has(r.code) ? { ...r, severity: 'warn' as const } : r,
  )
  const flags = left.filter((r) => r.severity === 'flag')
  const shown: PlateClass =
    flags.length === 0 ? 'single' : flags.every((r) => MULTI.has(r.code)) ? 'multi' : 'complex'
  const isOfTheSky = flags.length > 0 && flags.every((r) => OF_THE_SKY.has(r.code))
  const weighed = isOfTheSky
    ? { class: shown, reasons: [] }
    : weighLogbook(input.logbook, shown, several?.pattern?.exposures.length ?? null)
  return { class: weighed.class, reasons: [...left, ...weighed.reasons], several }
}

function seenOn(input: TriageInput, objects: Reason[]): { seen: Reason[]; several: SeveralExposures | null } {
  // Of long lines hardly any detection has nothing against it.
  const drawn = drawnOut(input)
  if (input.ranked.length < MIN_STARS) {
    const few = drawn === undefined || drawn.isShort ? tooFewStars(input) : drawn.reason
    return { seen: [...objects, ...present(few)], several: null }
  }
  const several = severalExposures(input)
  const repeats = several.reasons.some((r) => r.severity === 'flag')
  const isPieces = drawn !== undefined && arePieces(drawn, several, input)
  if (repeats && several.isSharp && !isPieces) return { seen: [...several.reasons, ...objects], several }
  const isLine = drawn !== undefined && drawn.reason.code !== 'TOUCHING_EXPOSURES'
  if (isLine && (isPieces || !(drawn.isShort && repeats)))
    return { seen: [drawn.reason, ...objects], several }
  const focus = outOfFocus(input)
  if (focus !== undefined) return { seen: [focus, ...objects], several }
  // Patches of mould repeat too, roughly.
  const specks = repeats ? nearlyAllSpecks(input) : undefined
  if (specks !== undefined) return { seen: [specks, ...objects], several: null }
  const other = repeats ? undefined : (drawn?.reason ?? tooFewStars(input))
  return { seen: [...several.reasons, ...present(other), ...objects], several }
}

/** The pieces of lines repeat at fixed offsets along them; two exposures that nearly touch look like a short line. */
function arePieces(drawn: DrawnOut, { offsets, isPlain, isSharp }: SeveralExposures, input: TriageInput) {
  const [peak] = offsets.peaks
  if (peak === undefined || isPlain || drawn.isRow) return false
  return hasValley(input.correlations, peak) === false || (!isSharp && isAlong(drawn, peak))
}

const present = (found: Reason | undefined): Reason[] => (found === undefined ? [] : [found])
