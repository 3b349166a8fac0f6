// The reference epoch of a catalogue and its release, from whatever the file says, and from what it said it.
import { UserError } from '../errors.ts'
import type { TableField } from '../formats/columntable.ts'
import { COLUMN_MAP, plainName } from './columnmap.ts'

export interface Release {
  name: string
  refEpochYr: number
  /** Sentence about how the epoch was found; undefined when the file states it. */
  assumption: string | undefined
}

const DEFAULT_EPOCH_YR = 2015.5 // Gaia DR2: half a year off at most for the other large releases

/** The release whose places have this epoch; `gaia` when there is none. */
export function releaseOf(epochYr: number): string {
  const found = Object.entries(COLUMN_MAP.releases).find(([, { epochYr: e }]) => Math.abs(e - epochYr) < 0.01)
  return found?.[0] ?? 'gaia'
}

export interface ReleaseClues {
  path: string
  /** The column ref_epoch, where there is one. */
  refEpochs: Float64Array | undefined
  fields: readonly TableField[]
  /** The field of right ascension. */
  raField: TableField
  remarks: readonly string[]
  /** Rows of the file before those of `refEpochs`. */
  firstRow?: number | undefined
}

/**
 * In this order: the column ref_epoch; the coordinate system or the description of the right ascension; a stated
 * REF_EPOCH; columns that only one release has; a release named in titles and comments; the file's name; 2015.5.
 * @throws UserError when the column holds several epochs.
 */
export function findRelease(clues: ReleaseClues): Release {
  const stated = epochOfColumn(clues)
  if (stated !== undefined) return { name: releaseOf(stated), refEpochYr: stated, assumption: undefined }
  const told =
    clues.raField.epochYr ??
    epochIn(clues.raField.text) ??
    first(clues.remarks, (remark) => number(/\bref_?epoch\W+J?(\d{4}(?:\.\d+)?)/i.exec(remark)?.[1]))
  if (told !== undefined) return { name: releaseOf(told), refEpochYr: told, assumption: undefined }
  const names = new Set(clues.fields.map(({ name }) => plainName(name)))
  const byColumns = onlyRelease((release) =>
    (COLUMN_MAP.columnsOfOneRelease[release] ?? []).some((name) => names.has(name)),
  )
  if (byColumns) return guessed(byColumns, 'its columns')
  const texts = [...clues.remarks, ...clues.fields.map(({ text }) => text)].join('\n')
  const byText = onlyRelease((release) => mentions(texts, release))
  if (byText) return guessed(byText, 'its comments')
  const fileName = clues.path.replace(/^.*[\\/]/, '')
  const byName = onlyRelease((release) =>
    new RegExp(`(^|[^a-z])e?${release.slice(5)}([^0-9]|$)`, 'i').test(fileName),
  )
  if (byName) return guessed(byName, 'its file name')
  return {
    name: releaseOf(DEFAULT_EPOCH_YR),
    refEpochYr: DEFAULT_EPOCH_YR,
    assumption: `the catalogue does not state its reference epoch (no column ref_epoch): J${DEFAULT_EPOCH_YR} was assumed`,
  }
}

/**
 * The one epoch in the column ref_epoch; undefined where it has none.
 * @throws UserError when there are several, or one that is none
 */
export function epochOfColumn({
  refEpochs,
  path,
  firstRow = 0,
}: Pick<ReleaseClues, 'refEpochs' | 'path' | 'firstRow'>): number | undefined {
  const epoch = refEpochs?.find((value) => !Number.isNaN(value))
  if (refEpochs === undefined || epoch === undefined) return undefined
  const row = refEpochs.findIndex((value) => !Number.isNaN(value) && value !== epoch)
  if (row >= 0) {
    throw new UserError(
      `${path} holds places of several reference epochs (${epoch}, and ${refEpochs[row]} in row ${firstRow + row + 1})`,
      'give the stars of one release of Gaia',
    )
  }
  if (epoch < 1850 || epoch > 2100) {
    throw new UserError(
      `${path} says that its reference epoch is ${epoch}`,
      'give ref_epoch as a Julian year, such as 2016.0',
    )
  }
  return epoch
}

function guessed(release: string, from: string): Release {
  const epoch = COLUMN_MAP.releases[release]!.epochYr
  return {
    name: release,
    refEpochYr: epoch,
    assumption: `the catalogue has no ref_epoch: ${from} point to ${release}, hence J${epoch.toFixed(1)}`,
  }
}

/** The one release for which the test holds; undefined when none or several do. */
function onlyRelease(test: (release: string) => boolean): string | undefined {
  const found = Object.keys(COLUMN_MAP.releases).filter(test)
  return found.length === 1 ? found[0] : undefined
}

function mentions(text: string, release: string): boolean {
  return new RegExp(COLUMN_MAP.releases[release]!.mentions, 'i').test(text)
}

/** VizieR writes `Right ascension (ICRS) at Ep=2016.0`. */
function epochIn(text: string): number | undefined {
  return number(/\bEp(?:och)?\s*[=:]?\s*J?(20\d\d(?:\.\d+)?)/i.exec(text)?.[1])
}

function number(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text)
}

function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
