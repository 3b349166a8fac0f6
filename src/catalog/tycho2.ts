// The reference stars of the first day: Tycho-2 out of the astrometry.net indexes that Debian installs. They have places
// of J2000.0 and VT, no proper motions and no numbers; the mean motion of their kind can stand in for their own.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { UserError } from '../errors.ts'
import type { FitsTable } from '../fits/table.ts'
import { meanMotion } from '../math/mean-motion.ts'
import { DEG, fold360 } from '../math/sphere.ts'
import { queryStarkd } from '../tools/starkd.ts'
import type { ReferenceStars } from './stars.ts'

/**
 * Standard error of a place at 2000.0 per axis, mas. Measured as the scatter about Gaia moved to 2000.0 (the same two
 * fields, 141 stars): VT < 10: 11–36, 10–11: 28–52, 11–12: 90–145, fainter: 107–207. Against Gaia at 1991.25, the mean
 * epoch of the observations, it is two to four times that: the places of the index are those of 2000.0.
 */
export function tycho2ErrorMas(vtMag: number): number {
  return Math.hypot(15, 42 * 10 ** (0.3 * (Math.min(vtMag, 13.5) - 10.5)))
}

export interface Tycho2Options {
  /** Searched in order. */
  indexDirs: readonly string[]
  queryStarkd?: string | undefined
  /** Receives a folder that is gone again at the end. */
  workDir: string
  signal?: AbortSignal | undefined
}

const TAG = 'MAG_VT'

/** Each index keeps the brightest stars of its sky cells: the finest has nearly all, the next adds 0.3 % in the gaps. */
const FILES_READ = 2

/** The same star in two files agrees to the last bit; two stars of the index are never closer than 1″. */
const SAME_STAR_DEG = 0.1 / 3600

/**
 * Tycho-2 stars within `radiusDeg` of a place, brightest first, as the indexes have them: without motions.
 * @throws UserError when no index is installed or none can be read, or query-starkd is missing.
 */
export async function readTycho2(
  field: { raDeg: number; decDeg: number; radiusDeg: number },
  options: Tycho2Options,
): Promise<ReferenceStars> {
  const files = await findIndexes(options.indexDirs)
  if (files.length === 0) {
    throw new UserError(
      `no Tycho-2 index (index-tycho2-*.fits) in ${options.indexDirs.join(', ') || 'any folder'}`,
      'install it (Debian and Ubuntu: apt-get install astrometry-data-tycho2), name its folder with --index-dir, or give reference stars with --catalog',
    )
  }
  const folder = await mkdtemp(join(options.workDir, 'tycho2-'))
  try {
    return asReferenceStars(await readFinest(files, field, folder, options))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Finest scale first: the number in the name grows with the size of the quads. A name counts once. */
async function findIndexes(folders: readonly string[]): Promise<string[]> {
  const found = new Map<string, string>()
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => [])
    for (const name of names) {
      const scale = /^index-tycho2-(\d+)\b.*\.fits$/.exec(name)?.[1]
      if (scale !== undefined && !found.has(scale)) found.set(scale, resolve(folder, name))
    }
  }
  return [...found].sort(([a], [b]) => Number(a) - Number(b)).map(([, path]) => path)
}

async function readFinest(
  files: string[],
  field: { raDeg: number; decDeg: number; radiusDeg: number },
  folder: string,
  { queryStarkd: program, signal }: Tycho2Options,
): Promise<FitsTable[]> {
  const tables: FitsTable[] = []
  let answers = 0
  let failure: UserError | undefined
  for (const indexPath of files) {
    const outPath = join(folder, basename(indexPath))
    const place = { ...field, raDeg: fold360(field.raDeg) }
    try {
      const table = await queryStarkd({
        ...place,
        program,
        indexPath,
        tag: TAG,
        outPath,
        workDir: folder,
        signal,
      })
      if (table !== null) tables.push(table)
      answers++
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      failure ??= error // damaged: the next coarser index has the brighter half of the stars
    }
    if (answers === FILES_READ) break
  }
  if (answers === 0 && failure) throw failure
  return tables
}

interface Star {
  raDeg: number
  decDeg: number
  vtMag: number
}

function starsOf(table: FitsTable): Star[] {
  const column = (name: string) => {
    const found = table.columns.find((candidate) => candidate.name.toUpperCase() === name)
    if (!(found?.data instanceof Float64Array || found?.data instanceof Float32Array)) {
      throw new Error(`query-starkd wrote no real column ${name}`)
    }
    return found.data
  }
  const ra = column('RA')
  const dec = column('DEC')
  const vt = column(TAG)
  return Array.from({ length: table.rows }, (_, i) => ({ raDeg: ra[i]!, decDeg: dec[i]!, vtMag: vt[i]! }))
}

/** The tables together, each star once. */
function merged(tables: FitsTable[]): Star[] {
  const all = tables.flatMap(starsOf).sort((a, b) => a.decDeg - b.decDeg || a.raDeg - b.raDeg)
  const kept: Star[] = []
  for (const star of all) {
    let isKnown = false
    for (let i = kept.length - 1; i >= 0 && star.decDeg - kept[i]!.decDeg < SAME_STAR_DEG; i--) {
      const apart = Math.abs(star.raDeg - kept[i]!.raDeg)
      const alongRa = Math.min(apart, 360 - apart) * Math.cos(star.decDeg * DEG)
      if (alongRa < SAME_STAR_DEG) isKnown = true
    }
    if (!isKnown) kept.push(star)
  }
  return kept.sort((a, b) => a.vtMag - b.vtMag || a.decDeg - b.decDeg || a.raDeg - b.raDeg)
}

/**
 * A number for a star that came without one: its place in units of 0.1″, right ascension · 10⁷ + declination from the
 * south pole. The same star has the same number on every plate, and no star has 0.
 */
export function placeNumber(raDeg: number, decDeg: number): bigint {
  const tenths = (deg: number) => BigInt(Math.round(deg * 36_000))
  return tenths(raDeg) * 10_000_000n + tenths(decDeg + 90)
}

function asReferenceStars(tables: FitsTable[]): ReferenceStars {
  const stars = merged(tables)
  const column = (value: (star: Star) => number) => Float64Array.from(stars, value)
  const unknown = () => new Float64Array(stars.length).fill(Number.NaN)
  return {
    name: 'tycho-2',
    refEpochYr: 2000,
    length: stars.length,
    sourceId: BigInt64Array.from(stars.map(({ raDeg, decDeg }) => placeNumber(raDeg, decDeg))),
    raDeg: column((star) => star.raDeg),
    decDeg: column((star) => star.decDeg),
    raErrorMas: column((star) => tycho2ErrorMas(star.vtMag)),
    decErrorMas: column((star) => tycho2ErrorMas(star.vtMag)),
    pmRaMasYr: unknown(),
    pmDecMasYr: unknown(),
    pmRaErrorMasYr: unknown(),
    pmDecErrorMasYr: unknown(),
    parallaxMas: unknown(),
    radialVelocityKmS: unknown(),
    gMag: column((star) => star.vtMag),
    bpRp: unknown(),
    ruwe: unknown(),
    assumptions: [
      'its stars come without numbers: source_id is made of the place, RA x 10^7 + (Dec + 90 deg), both in units of 0.1 arcsec',
    ],
  }
}

/** The stars with the mean motion of their place and magnitude for their own, and the scatter about it for its error. */
export function withMeanMotions(stars: ReferenceStars): ReferenceStars {
  const means = Array.from(stars.raDeg, (raDeg, i) => meanMotion(raDeg, stars.decDeg[i]!, stars.gMag[i]!))
  const scatter = Float64Array.from(means, (mean) => mean.scatterMasYr)
  return {
    ...stars,
    pmRaMasYr: Float64Array.from(means, (mean) => mean.pmRaMasYr),
    pmDecMasYr: Float64Array.from(means, (mean) => mean.pmDecMasYr),
    pmRaErrorMasYr: scatter,
    pmDecErrorMasYr: scatter,
    meanMotions: true,
    assumptions: [
      'Tycho-2 from the indexes has no proper motions: the mean motion of stars of the same place and magnitude was ' +
        'taken for their own, and the scatter about it for its error',
      ...stars.assumptions,
    ],
  }
}
