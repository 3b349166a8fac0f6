// An index of the plate's own field, made on the spot from the reference stars at the plate's epoch: so that fields
// below 0.8°, where Tycho-2 cannot serve, solve too.
import { join } from 'node:path'
import type { EpochStars } from '../../catalog/at-epoch.ts'
import { writeFitsTables } from '../../fits/table.ts'
import { separationDeg } from '../../math/sphere.ts'
import { buildIndex } from '../../tools/build-index.ts'
import { endOf, type ProgramRun } from '../../tools/run.ts'

export interface FieldIndexInput {
  stars: EpochStars
  /** How many stars the plate shows: the index goes somewhat deeper. */
  plateStars: number
  /** Diagonal of the field in degrees, if the scale is known. */
  fieldDeg: number | null
  place: { raDeg: number; decDeg: number; radiusDeg: number } | null
  workDir: string
  program: string
  /** For all indexes together. */
  timeoutSeconds: number
  signal: AbortSignal
}

const MAX_STARS = 100_000
const MIN_STARS = 8

/** Quads are this share of the field's diagonal: large ones are few, small ones suffer from the errors of places. */
const QUAD_SHARES = [1 / 16, 1 / 8, 1 / 4, 1 / 2]

export interface FieldIndexes {
  /** In workDir; none when the field has too few stars. */
  names: string[]
  runs: ProgramRun[]
  /** Why there are none; null where there are some. */
  trouble: string | null
}

/** Builds the indexes of the field. */
export async function buildFieldIndexes(input: FieldIndexInput): Promise<FieldIndexes> {
  const rows = starsOfField(input)
  if (rows.length < MIN_STARS) {
    return { names: [], runs: [], trouble: `${rows.length} stars can serve, and ${MIN_STARS} are needed` }
  }
  const pick = (column: Float64Array) => Float64Array.from(rows, (row) => column[row]!)
  const column = (name: string, unit: string, data: Float64Array) => ({
    name,
    format: '1D',
    unit,
    data,
    repeat: 1,
  })
  await writeFitsTables(join(input.workDir, 'index-stars.fits'), [
    {
      name: 'STARS',
      columns: [
        column('RA', 'deg', pick(input.stars.raDeg)),
        column('DEC', 'deg', pick(input.stars.decDeg)),
        column('MAG', 'mag', pick(input.stars.gMag)),
      ],
    },
  ])
  const names: string[] = []
  const runs: ProgramRun[] = []
  const until = performance.now() + input.timeoutSeconds * 1000
  for (const [n, low] of quadSizes(input).entries()) {
    const leftSeconds = (until - performance.now()) / 1000
    if (leftSeconds <= 0) break
    const indexName = `index-field-${n}.fits`
    const { run, built } = await buildIndex({
      program: input.program,
      workDir: input.workDir,
      starsName: 'index-stars.fits',
      indexName,
      quadArcmin: [low, 2 * low],
      indexId: 9000 + n,
      timeoutSeconds: leftSeconds,
      signal: input.signal,
    })
    runs.push(run)
    if (built) names.push(indexName)
  }
  return { names, runs, trouble: names.length > 0 ? null : troubleOf(runs, rows.length) }
}

function troubleOf(runs: readonly ProgramRun[], stars: number): string {
  return runs.some((run) => run.timedOut)
    ? 'build-astrometry-index did not end in its time (--solve-time allows more)'
    : `build-astrometry-index made none of ${stars} stars (${endOf(runs[0]!)})`
}

/** Rows around the place, brightest first, no deeper than the plate can show. */
function starsOfField({ stars, place, fieldDeg, plateStars }: FieldIndexInput): number[] {
  // A logbook's place may be wrong: it narrows the stars only where the catalogue is too large to be taken whole.
  const narrow = place !== null && stars.length > MAX_STARS
  const reach = narrow ? place.radiusDeg + (fieldDeg ?? Number.POSITIVE_INFINITY) / 2 : 180
  const rows = Array.from({ length: stars.length }, (_, i) => i).filter(
    (i) =>
      Number.isFinite(stars.gMag[i]!) &&
      (!narrow || separationDeg(stars.raDeg[i]!, stars.decDeg[i]!, place.raDeg, place.decDeg) <= reach),
  )
  rows.sort((a, b) => stars.gMag[a]! - stars.gMag[b]!)
  // The catalogue's field may be much larger than the plate: depth is density, so the limit grows with the area.
  const regionDeg = extentDeg(stars, rows)
  const areas = fieldDeg === null ? 4 : Math.max(1, (regionDeg / fieldDeg) ** 2 * 2)
  return rows.slice(0, Math.min(MAX_STARS, Math.ceil(2 * plateStars * areas)))
}

/** Diameter of the region that the rows cover, degrees. */
function extentDeg(stars: EpochStars, rows: readonly number[]): number {
  if (rows.length === 0) return 0
  let x = 0
  let y = 0
  let z = 0
  const rad = Math.PI / 180
  for (const i of rows) {
    x += Math.cos(stars.decDeg[i]! * rad) * Math.cos(stars.raDeg[i]! * rad)
    y += Math.cos(stars.decDeg[i]! * rad) * Math.sin(stars.raDeg[i]! * rad)
    z += Math.sin(stars.decDeg[i]! * rad)
  }
  const ra = Math.atan2(y, x) / rad
  const dec = Math.atan2(z, Math.hypot(x, y)) / rad
  let far = 0
  for (const i of rows) far = Math.max(far, separationDeg(stars.raDeg[i]!, stars.decDeg[i]!, ra, dec))
  return 2 * far
}

/** Lower bounds of the quads, arcmin: shares of the field, or of all fields that the region could hold. */
function quadSizes(input: FieldIndexInput): number[] {
  if (input.fieldDeg !== null) return QUAD_SHARES.map((share) => share * input.fieldDeg! * 60)
  const region =
    extentDeg(
      input.stars,
      Array.from({ length: input.stars.length }, (_, i) => i),
    ) * 60
  return [1 / 48, 1 / 24, 1 / 12, 1 / 6, 1 / 3].map((share) => share * region)
}
