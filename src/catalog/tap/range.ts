// Counts and fetches the stars of a range of source ids, and believes nothing of what comes that it can check.
import type { ChooseKinds } from '../../formats/columntable.ts'
import type { StarTable } from '../store/star-table.ts'
import { type Query, runAdql, runAdqlSync } from './adql.ts'
import { TapFault } from './faults.ts'
import type { RangeOptions, SourceRange } from './gaia-service.ts'
import { type GaiaTable, plainName } from './gaia-table.ts'
import { type Patience, withRetries } from './retry.ts'
import { starsOf } from './stars-of.ts'

export interface FetchOptions extends RangeOptions {
  count?: number | undefined
  format?: string | undefined
}

function condition({ columns }: GaiaTable, { firstId, lastId, parts, limitMag }: SourceRange): string {
  const adql = (wanted: string) => columns.find(({ name }) => name === wanted)!.adql
  const between = (first: bigint, last: bigint) => `${adql('source_id')} BETWEEN ${first} AND ${last}`
  const whole = between(firstId, lastId)
  const within =
    parts === undefined || parts.length < 2
      ? whole
      : `${whole} AND (${parts.map((part) => between(part.firstId, part.lastId)).join(' OR ')})`
  if (limitMag === null) return within
  if (!(Math.abs(limitMag) < 100)) throw new RangeError(`limitMag is ${limitMag}`)
  return `${within} AND ${adql('phot_g_mean_mag')} <= ${limitMag.toFixed(6)}`
}

/** @throws TapFault, Cancelled */
export function countRange(table: GaiaTable, range: SourceRange, options: RangeOptions): Promise<number> {
  return withRetries(counterOf(table, range, options), patience(table, range, options))
}

/**
 * Counts in one request, which is quick, until that fails: from then on as a job, which no time limit of a server in
 * between cuts off.
 */
function counterOf(table: GaiaTable, range: SourceRange, options: RangeOptions): () => Promise<number> {
  const { service } = table
  const adql = `SELECT COUNT(*) AS n FROM ${table.table} WHERE ${condition(table, range)}`
  const query: Query = { ...options, adql, maxRec: 10, choose: (fields) => fields.map(() => 'number') }
  let run = runAdqlSync
  return async () => {
    const running = run(service, query)
    run = runAdql
    const { table: answer } = await running
    const count = answer.columns[0]?.[0]
    const isOne = answer.rows === 1 && answer.columns.length === 1
    if (!isOne || !Number.isSafeInteger(count) || Number(count) < 0) {
      throw new TapFault(`${service.name} answered COUNT(*) with something else than a number`, 'again')
    }
    run = runAdqlSync
    return Number(count)
  }
}

/**
 * @returns the stars in ascending order of source_id
 * @throws TapFault where the service does not deliver what it counted; Cancelled
 */
export function fetchRange(table: GaiaTable, range: SourceRange, options: FetchOptions): Promise<StarTable> {
  const { service, columns } = table
  const names = columns.map(({ adql }) => adql).join(', ')
  const adql = `SELECT ${names} FROM ${table.table} WHERE ${condition(table, range)}`
  const countAgain = counterOf(table, range, options)
  const attempt = async (n: number) => {
    // After a mismatch the count may be what was wrong: both are asked for again.
    const isGiven = n === 0 && options.count !== undefined
    const count = isGiven ? options.count! : await countAgain()
    // One more than is wanted: a service that stops at MAXREC has then stopped short, and says so.
    const query: Query = { ...options, adql, maxRec: count + 1, choose: chooseFor(table) }
    const { table: answer, overflow } = await runAdql(service, query)
    if (overflow) {
      throw new TapFault(
        `${service.name} cut the table off at ${answer.rows} of ${count} rows (OVERFLOW)`,
        'once',
        'fetch a smaller field or a brighter limit, or name another service with --mirror',
      )
    }
    if (answer.rows !== count) {
      throw new TapFault(`${service.name} counted ${count} stars, and sent ${answer.rows}`, 'again')
    }
    return starsOf(answer, columns, range, service.name)
  }
  return withRetries(attempt, patience(table, range, options))
}

/** Columns are taken by their order in the query, and only where the names agree. */
function chooseFor({ service, columns }: GaiaTable): ChooseKinds {
  return (fields) => {
    const found = fields.map(({ name }) => plainName(name))
    const asked = columns.map(({ adql }) => plainName(adql))
    const n = asked.findIndex((name, i) => name !== found[i])
    if (n >= 0 || found.length !== asked.length) {
      const at = n < 0 ? asked.length : n
      throw new TapFault(
        `${service.name} sent ${found[at] ?? 'nothing'} as column ${at + 1} where ${asked[at] ?? 'nothing'} was asked for`,
        'once',
      )
    }
    return columns.map(({ name }) => (name === 'source_id' ? 'id' : 'number'))
  }
}

function patience({ service }: GaiaTable, range: SourceRange, options: RangeOptions): Patience {
  const { settings } = service
  const { signal, onStep } = options
  return {
    settings,
    attempts: settings.attempts,
    question: `${range.firstId}-${range.lastId}`,
    signal,
    onStep,
  }
}
