// Rows: the plates that are reduced against Tycho-2 with no reference stars given: Orion 1888 and Praesepe 1975.
import { join } from 'node:path'
import {
  atLeast,
  atMost,
  type Bench,
  type Figure,
  judge,
  mustBe,
  type Reduction,
  reduce,
  shown,
  told,
  verified,
  whyNot,
} from './bench.ts'

export const ORION = 'plates/orion-harvard-b2312-1888.fits'
const M44 = 'plates/m44-1975.fits'

interface Ninth {
  stars: number
  found: number
  median_px: number | null
  archive_px: number | null
}

export interface Tycho {
  reference: string
  ninths: Ninth[]
  all: Ninth
}

const ORION_VT_LIMIT = 10.5
/** An empty ninth must not pass. By chance, one star in five of the Orion plate lies within 3 px of a detection. */
const MIN_FOUND = 0.4
const MAX_MEDIAN_PX = 0.4

/** Judges a reduced plate by Tycho-2 stars brighter than a limit. */
export function judgeTycho(scan: string, run: Reduction, vtLimit: number): Promise<Tycho> {
  return judge<Tycho>('tycho', [scan, run.folder, vtLimit])
}

function list(ninths: readonly Ninth[], value: (ninth: Ninth) => string): string {
  return ninths.map(value).join(' ')
}

function largest(values: readonly (number | null)[]): number | null {
  return values.some((value) => value === null) ? null : Math.max(...(values as number[]))
}

async function orionFigures(row: string, scan: string, run: Reduction): Promise<Figure[]> {
  const status = mustBe(row, 'exit status', 0, run.exit)
  if (run.exit !== 0) return [status, told(row, 'why', whyNot(run))]
  const found = await judgeTycho(scan, run, ORION_VT_LIMIT)
  const { ninths } = found
  const archive = ninths.every((ninth) => ninth.archive_px !== null)
  const px = (value: number | null) => shown(value)
  return [
    status,
    mustBe(row, 'reference', 'tycho-2', found.reference),
    atMost(
      row,
      'largest of the nine median distances',
      MAX_MEDIAN_PX,
      largest(ninths.map((n) => n.median_px)),
      ' px',
    ),
    atLeast(
      row,
      'least share of the stars found in a ninth',
      MIN_FOUND,
      Math.min(...ninths.map((n) => n.found)),
    ),
    told(
      row,
      'median distances, px',
      list(ninths, (n) => px(n.median_px)),
    ),
    told(
      row,
      'stars in each ninth',
      list(ninths, (n) => `${n.stars}`),
    ),
    told(
      row,
      'shares found',
      list(ninths, (n) => n.found.toFixed(2)),
    ),
    ...(archive
      ? [
          told(
            row,
            'the archive’s own WCS, px',
            list(ninths, (n) => px(n.archive_px)),
          ),
        ]
      : []),
    await verified(row, run.folder),
  ]
}

/** The Orion plate as it is, nothing given. */
export async function orionPlain(bench: Bench): Promise<Figure[]> {
  const scan = join(bench.shared, ORION)
  return orionFigures('orion', scan, await reduce(bench, scan, 'orion', 'orion'))
}

export async function orion(bench: Bench): Promise<Figure[]> {
  const scans = join(bench.out, 'orion-scans')
  await judge('orion_variants', [join(bench.shared, ORION), scans])
  const figures = await orionPlain(bench)
  for (const name of ['stripped', 'negated']) {
    const scan = join(scans, `${name}.fits`)
    figures.push(...(await orionFigures(`orion ${name}`, scan, await reduce(bench, scan, 'orion', name))))
  }
  return figures
}

/** Soft images and no proper motions: the median distance only has to show that the solution is right. */
const M44_MAX_MEDIAN_PX = 1.5
const M44_VT_LIMIT = 11

export async function m44(bench: Bench): Promise<Figure[]> {
  const row = 'm44'
  const scan = join(bench.shared, M44)
  const run = await reduce(bench, scan, 'm44', 'm44', ['--epoch', '1975.05'])
  const status = mustBe(row, 'exit status', 0, run.exit)
  if (run.exit !== 0) return [status, told(row, 'why', whyNot(run))]
  const { reference, all } = await judgeTycho(scan, run, M44_VT_LIMIT)
  return [
    status,
    mustBe(row, 'reference', 'tycho-2', reference),
    atMost(
      row,
      `median distance of ${all.stars} stars (${all.found.toFixed(2)} found)`,
      M44_MAX_MEDIAN_PX,
      all.median_px,
      ' px',
    ),
    atLeast(row, 'share of the stars found', MIN_FOUND, all.found),
    await verified(row, run.folder),
  ]
}
