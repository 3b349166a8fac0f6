// Gaia's table on one service: under which name it is there, and which of the stored columns it has.
import type { ChooseKinds } from '../../formats/columntable.ts'
import { STORED_NAMES, type StoredName } from '../store/star-table.ts'
import { runAdql, runAdqlSync } from './adql.ts'
import type { Endpoint } from './endpoint.ts'
import { TapFault } from './faults.ts'
import type { GaiaRelease, RangeOptions } from './gaia-service.ts'
import type { Mirror, MirrorTable } from './mirrors.ts'
import { withRetries } from './retry.ts'

/** Without these no star can be moved, matched or limited. */
const ESSENTIAL: readonly StoredName[] = ['source_id', 'ra', 'dec', 'pmra', 'pmdec', 'phot_g_mean_mag']

export interface GaiaTable {
  service: Endpoint
  /** In ADQL. */
  table: string
  /** The stored columns that it has, with their names in ADQL; source_id is the first. */
  columns: { name: StoredName; adql: string }[]
  columnsMissing: StoredName[]
}

/** `"BP-RP"`, `BP-RP` and `bp_rp` are the same column. */
export function plainName(adql: string): string {
  return adql
    .replaceAll('"', '')
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, '_')
}

/** The name under which a mirror has a stored column; undefined where it is known to have none. */
function adqlName(name: StoredName, { columns }: MirrorTable): string | undefined {
  const known = columns[name]
  return known === null ? undefined : (known ?? name)
}

/**
 * Asks for one row of the table: that shows more surely than the service's list of columns what can be had.
 * @throws TapFault: no service there, no such table, an essential column missing; Cancelled
 */
export async function openGaiaTable(
  service: Endpoint,
  mirror: Mirror,
  release: GaiaRelease,
  options: RangeOptions,
): Promise<GaiaTable> {
  const known = mirror.releases[release]
  if (known === undefined) throw new TapFault(`${mirror.name} is not known to have ${release}`, 'never')
  let refusal: TapFault | undefined
  for (const table of known.tables) {
    try {
      return tableOf(service, table, known, await columnsOf(service, table, options))
    } catch (error) {
      // A service that said no to one name may know the table by another; one that is not there has no other.
      if (!(error instanceof TapFault) || error.retry === 'again') throw error
      refusal ??= error
    }
  }
  throw refusal!
}

async function columnsOf(service: Endpoint, table: string, options: RangeOptions): Promise<Set<string>> {
  const { settings } = service
  const names = new Set<string>()
  const choose: ChooseKinds = (fields) => {
    for (const { name } of fields) names.add(plainName(name))
    return fields.map(() => 'skip')
  }
  const question = `SELECT TOP 1 * FROM ${table}`
  const query = { ...options, adql: question, maxRec: 1, choose }
  // The second try as a job: there are services whose synchronous side is shut in bad times.
  const attempt = (n: number) => (n === 0 ? runAdqlSync(service, query) : runAdql(service, query))
  await withRetries(attempt, { ...options, settings, attempts: settings.openAttempts, question })
  return names
}

function tableOf(service: Endpoint, table: string, known: MirrorTable, there: Set<string>): GaiaTable {
  const columns: GaiaTable['columns'] = []
  const columnsMissing: StoredName[] = []
  for (const name of STORED_NAMES) {
    const adql = adqlName(name, known)
    if (adql !== undefined && there.has(plainName(adql))) columns.push({ name, adql })
    else columnsMissing.push(name)
  }
  const lacking = columnsMissing.filter((name) => ESSENTIAL.includes(name))
  if (lacking.length === 0) return { service, table, columns, columnsMissing }
  throw new TapFault(
    `${service.name}: the table ${table} has no column for ${lacking.join(', ')}`,
    'never',
    'name a service that has the table of Gaia under its own names with --mirror',
  )
}
