// Fills the store from a service of Gaia's stars: the field as ranges of source ids, each small enough for one query, and
// each kept with its stars, or not at all. What is there already is not asked for again, so that a fetch can be resumed.
import { throwIfCancelled, UserError } from '../errors.ts'
import {
  type Cell,
  type Cone,
  cellRadiusDeg,
  cellsInCone,
  FINEST_ORDER,
  finestRange,
} from '../math/healpix.ts'
import { difference, type Moc, mocOfCells, skyShare } from '../math/moc.ts'
import { coveredTo } from './store/coverage.ts'
import { fillStore } from './store/fill.ts'
import { readManifest } from './store/manifest.ts'
import type { StarTable } from './store/star-table.ts'
import type { GaiaService, SourceRange } from './tap/gaia-service.ts'

/** Ranges of source ids that one query may name. */
const QUERY_RANGES = 50

/** The field is covered with cells of at most this part of its radius. */
const CELL_SHARE = 0.5
const COARSEST_ORDER = 3
const FINEST_FIELD_ORDER = 10

/** A star's number may put it in a cell beside the one where it is. */
const MARGIN_DEG = 0.02

export const REF_EPOCH_YR = { 'gaia-dr2': 2015.5, 'gaia-dr3': 2016 } as const

export interface FetchInput {
  /** Called when something is lacking, and only then. */
  openService: () => Promise<GaiaService>
  /** Of the release. */
  folder: string
  cone: Cone
  /** null: every star. */
  limitMag: number | null
  /** A query that would bring more stars is cut in two. */
  queryRows: number
  /** Who fetches, for the record: `platepipe 1.0`. */
  by: string
  signal?: AbortSignal | undefined
  onStep?: ((text: string) => void) | undefined
  /** `done` grows from 0 to 1. */
  onProgress?: ((done: number, stars: number, service: string) => void) | undefined
}

export interface Fetched {
  /** Stars that came from the service; 0 when everything was there. */
  stars: number
  queries: number
  /** Stars in the store now. */
  rows: number
  /** Name of the service that was asked last; null when none had to be. */
  service: string | null
  columnsMissing: readonly string[]
}

/** The cells of a field, as ranges. */
export function mocOfField(cone: Cone): Moc {
  let order = COARSEST_ORDER
  while (order < FINEST_FIELD_ORDER && cellRadiusDeg(order) > cone.radiusDeg * CELL_SHARE) order++
  const wide = { ...cone, radiusDeg: Math.min(180, cone.radiusDeg + MARGIN_DEG) }
  return mocOfCells(cellsInCone(order, wide).map((pixel): Cell => ({ order, pixel })))
}

/** The source ids of some cells, as a service is asked for them. */
export function idsOf(moc: Moc, limitMag: number | null): SourceRange {
  const parts = moc.map(([first, end]) => ({
    firstId: BigInt(first) << 35n,
    lastId: (BigInt(end) << 35n) - 1n,
  }))
  // Services keep G as single reals, which may be a hair above the decimal number: 15.1 means those too.
  const limit = limitMag === null ? null : limitMag + 1e-6
  return { firstId: parts[0]!.firstId, lastId: parts.at(-1)!.lastId, parts, limitMag: limit }
}

/** The part of a field that a store does not have for certain to a magnitude. */
async function lackingIn(folder: string, cone: Cone, limitMag: number | null): Promise<Moc> {
  const coverage = (await readManifest(folder))?.coverage ?? []
  const sure = coverage.filter(({ estimated }) => !estimated)
  return difference(mocOfField(cone), coveredTo(sure, limitMag))
}

/**
 * Fetches the stars of a field that the store lacks, range by range.
 * @throws UserError when no service answers as it should: what came before stays, and the next call goes on from there;
 * Cancelled
 */
export async function fetchField(input: FetchInput): Promise<Fetched> {
  const { folder, cone, limitMag, signal } = input
  const lacking = await lackingIn(folder, cone, limitMag)
  const before = await readManifest(folder)
  const whole = skyShare(lacking)
  const fetched: Fetched = {
    ...{ stars: 0, queries: 0, rows: before?.rows ?? 0 },
    service: null,
    columnsMissing: [],
  }
  if (whole === 0) return fetched
  const service = await input.openService()
  let left = whole
  const queue = questionsOf(lacking)
  const options = { signal, onStep: input.onStep }
  for (let moc = queue.shift(); moc !== undefined; moc = queue.shift()) {
    throwIfCancelled(signal)
    const range = idsOf(moc, limitMag)
    try {
      const count = await service.countRange(range, options)
      fetched.queries++
      const parts = count > input.queryRows ? halves(moc) : [moc]
      if (parts.length > 1) {
        queue.unshift(...parts)
        continue
      }
      const stars = await service.fetchRange(range, { ...options, count })
      fetched.queries++
      fetched.rows = await keep(input, service, moc, stars)
      fetched.stars += stars.length
      fetched.columnsMissing = service.columnsMissing
      fetched.service = service.name
    } catch (error) {
      throw told(error, 1 - left / whole)
    }
    left -= skyShare(moc)
    input.onProgress?.(Math.min(1, 1 - left / whole), fetched.stars, service.name)
  }
  return fetched
}

/** What is lacking as questions: of one of the twelve base cells each, and of no more ranges than a query should name. */
function questionsOf(lacking: Moc): Moc[] {
  const questions: [number, number][][] = []
  for (const range of lacking.flatMap(withinBaseCells)) {
    const last = questions.at(-1)
    if (last !== undefined && last.length < QUERY_RANGES && baseOf(last[0]!) === baseOf(range))
      last.push(range)
    else questions.push([range])
  }
  return questions
}

const BASE_CELLS = finestRange({ order: 0, pixel: 0 })[1]
const baseOf = ([first]: readonly [number, number]): number => Math.floor(first / BASE_CELLS)

/** A range in parts that do not reach over the edge of one of the twelve base cells. */
function withinBaseCells([first, end]: readonly [number, number]): [number, number][] {
  const parts: [number, number][] = []
  for (let from = first; from < end; ) {
    const to = Math.min(end, (Math.floor(from / BASE_CELLS) + 1) * BASE_CELLS)
    parts.push([from, to])
    from = to
  }
  return parts
}

/** Two parts of about the same size, cut where cells as large as possible meet; one where it cannot be cut. */
function halves(moc: Moc): Moc[] {
  if (moc.length > 1) {
    const half = skyShare(moc) / 2
    let n = 1
    while (n < moc.length - 1 && skyShare(moc.slice(0, n + 1)) <= half) n++
    return [moc.slice(0, n), moc.slice(n)]
  }
  const [first, end] = moc[0]!
  for (let step = 4 ** FINEST_ORDER; step >= 1; step /= 2) {
    const middle = Math.round((first + end) / 2 / step) * step
    if (middle > first && middle < end) return [[[first, middle]], [[middle, end]]]
  }
  return [moc]
}

/** The smallest cell that holds a range. */
function cellAround([first, end]: readonly [number, number]): Cell {
  for (let order = FINEST_ORDER; order > 0; order--) {
    const cells = 4 ** (FINEST_ORDER - order)
    const pixel = Math.floor(first / cells)
    if ((pixel + 1) * cells >= end) return { order, pixel }
  }
  return { order: 0, pixel: Math.floor(first / 4 ** FINEST_ORDER) }
}

/** Adds the stars of some cells and the fact that it is complete, both or neither. */
async function keep(input: FetchInput, service: GaiaService, moc: Moc, stars: StarTable): Promise<number> {
  const { folder, limitMag, by, signal } = input
  const now = new Date().toISOString()
  const limit = limitMag === null ? 'every star' : `G <= ${limitMag}`
  const without = service.columnsMissing.length === 0 ? '' : `, without ${service.columnsMissing.join(', ')}`
  const filled = await fillStore({
    folder,
    release: service.release,
    refEpochYr: REF_EPOCH_YR[service.release],
    pieces: [{ cell: cellAround([moc[0]![0], moc.at(-1)![1]]), stars }],
    coverage: () => [{ limit_mag: limitMag, moc, estimated: false }],
    source: () => ({
      ...{ kind: 'fetch', name: `${service.name} ${service.url}`, first: now, last: now, by },
      detail: `${service.release}, ${limit}${without}`,
    }),
    signal,
  })
  return filled.rows
}

function told(error: unknown, done: number): unknown {
  if (!(error instanceof UserError) || done <= 0) return error
  const share = `${Math.floor(100 * done)} % of the field had come and is kept`
  return new UserError(`${error.message}; ${share}`, `${error.todo}; the same command goes on from there`)
}
