// What is in ../shared/gaia/serpens-dr2.csv, read with a reader of its own: the truth that the service must send back.
import { readFileSync } from 'node:fs'
import type { StoredName } from '../../../src/catalog/store/star-table.ts'

export const CSV = '../shared/gaia/serpens-dr2.csv'

/** Every source id there is. */
export const ALL = { firstId: 0n, lastId: (1n << 63n) - 1n, limitMag: null }

export interface Truth {
  ids: bigint[]
  /** As written; NaN for an empty cell. */
  column(name: StoredName): number[]
}

/** The rows of the file in ascending order of source_id. */
export function readTruth(): Truth {
  const [header, ...lines] = readFileSync(CSV, 'utf8').trim().split(/\r?\n/)
  const names = header!.split(',')
  const rows = lines.map((line) => line.split(','))
  const id = names.indexOf('source_id')
  rows.sort((a, b) => (BigInt(a[id]!) < BigInt(b[id]!) ? -1 : 1))
  return {
    ids: rows.map((row) => BigInt(row[id]!)),
    column: (name) =>
      rows.map((row) => {
        const cell = row[names.indexOf(name)]!
        return cell === '' ? Number.NaN : Number(cell)
      }),
  }
}

/** Columns that the file has. */
export const IN_FILE = [
  'ra',
  'dec',
  'parallax',
  'pmra',
  'pmdec',
  'ra_error',
  'dec_error',
  'parallax_error',
  'pmra_error',
  'pmdec_error',
  'phot_g_mean_mag',
  'bp_rp',
] as const
