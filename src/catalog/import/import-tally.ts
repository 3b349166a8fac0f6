// What an import has read so far, and whether all of it is of one release and epoch.
import { UserError } from '../../errors.ts'
import type { ColumnTable } from '../../formats/columntable.ts'
import { COLUMN_MAP, type MappedColumns } from '../columnmap.ts'
import { epochOfColumn, findRelease, type Release } from '../release.ts'

export interface ImportTally {
  /** Files read to their end. */
  files: number
  /** Rows with a place. */
  rows: number
  /** Rows that were left out. */
  withoutPlace: number
  /** Rows among `rows` without proper motion, and without G. */
  withoutMotion: number
  withoutMagnitude: number
  /** Rows among `rows` for whose number 0 was taken, and whose number is not one of Gaia's. */
  withoutNumber: number
  foreignNumber: number
  /** Rows that took the place of an earlier one of the same import. */
  replaced: number
  /** A sentence for every file that looks as if a service had cut it off. */
  cutOff: string[]
  /** `gaia-dr2`, …; empty before the first rows. */
  release: string
  /** Julian year of the places; NaN before the first rows. */
  refEpochYr: number
  /** Sentences: what the files lacked and what was taken instead. */
  assumptions: Set<string>
}

export function newTally(): ImportTally {
  return {
    files: 0,
    rows: 0,
    withoutPlace: 0,
    withoutMotion: 0,
    withoutMagnitude: 0,
    withoutNumber: 0,
    foreignNumber: 0,
    replaced: 0,
    cutOff: [],
    release: '',
    refEpochYr: Number.NaN,
    assumptions: new Set(),
  }
}

interface FirstRows {
  path: string
  table: ColumnTable
  mapped: MappedColumns
  refEpochs: Float64Array | undefined
  /** As the user says. */
  release: string | undefined
}

/** Finds the release and epoch of a file by its first rows. Throws a UserError where they are not those so far. */
export function epochOfFile(
  tally: ImportTally,
  { path, table, mapped, refEpochs, release }: FirstRows,
): void {
  const raField = table.fields[mapped.roles.get('raDeg')!.index]!
  const found = findRelease({ path, refEpochs, fields: table.fields, raField, remarks: table.remarks })
  const taken = release === undefined ? found : asTheUserSays(release, found, path)
  if (taken.assumption) tally.assumptions.add(taken.assumption)
  const { refEpochYr } = taken
  if (tally.release !== '' && (tally.release !== taken.name || tally.refEpochYr !== refEpochYr)) {
    throw new UserError(
      `${path} holds ${taken.name} at J${refEpochYr}, the files before it ${tally.release} at J${tally.refEpochYr}`,
      'import each release by itself',
    )
  }
  tally.release = taken.name
  tally.refEpochYr = refEpochYr
}

/** What a file states outranks what its user says; what was only guessed from it does not. */
function asTheUserSays(name: string, found: Release, path: string): Release {
  const known = COLUMN_MAP.releases[name]
  const isStated = found.assumption === undefined
  if (known === undefined && !isStated) {
    throw new UserError(
      `${path} does not state its reference epoch, and that of ${name} is not known`,
      `give --release ${Object.keys(COLUMN_MAP.releases).join(', ')}, or a file with a column ref_epoch`,
    )
  }
  if (known !== undefined && isStated && found.refEpochYr !== known.epochYr) {
    throw new UserError(
      `${path} states the reference epoch J${found.refEpochYr}, and that of ${name} is J${known.epochYr.toFixed(1)}`,
      'leave out --release, or name the release of the file',
    )
  }
  return { name, refEpochYr: known?.epochYr ?? found.refEpochYr, assumption: undefined }
}

/** Throws a UserError where rows further on are of another epoch. */
export function nextEpochs(
  { refEpochYr }: ImportTally,
  rows: { path: string; refEpochs: Float64Array | undefined; firstRow: number },
): void {
  const epoch = epochOfColumn(rows)
  if (epoch === undefined || epoch === refEpochYr) return
  const row = rows.firstRow + rows.refEpochs!.indexOf(epoch) + 1
  throw new UserError(
    `${rows.path} holds places of several reference epochs (${refEpochYr}, and ${epoch} in row ${row})`,
    'give the stars of one release of Gaia',
  )
}
