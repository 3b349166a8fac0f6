// Which indexes a store has: indexes/indexes-<n>.json in the folder of a release, one index a line. What it names is whole.
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { throwIfCancelled, UserError } from '../../errors.ts'
import { moc } from '../store/moc-codec.ts'
import { commitNumber, readNewest } from '../store/numbered-file.ts'

const STEM = 'indexes'
const COMMIT_TRIES = 500

/** The folder of the indexes in the folder of a release. */
export const indexFolder = (releaseFolder: string): string => join(releaseFolder, 'indexes')

const entrySchema = z.object({
  /** In the folder of the manifest. */
  file: z.string().regex(/^[\w.+-]+\.fits$/),
  release: z.string(),
  /** Julian year to which its stars were moved. */
  epoch_yr: z.number(),
  quads_arcmin: z.tuple([z.number().positive(), z.number().positive()]),
  /** `sky`, `cell ORDER/PIXEL` or `cone RA DEC RADIUS`. */
  region: z.string(),
  /** The part of the region that the store covered. */
  moc,
  /** Its stars were taken down to this G; null: all. */
  limit_mag: z.number().nullable(),
  stars: z.number().int().positive(),
  bytes: z.number().int().positive(),
  sha256: z.string(),
  /** State of the star store that it was made from, and the checksum of its stars and coverage in the region. */
  generation: z.number().int(),
  stars_sha256: z.string(),
  /** Version of build-astrometry-index, null where it does not say; and how it was called. */
  program_version: z.string().nullable(),
  command: z.array(z.string()),
})

const manifestSchema = z.object({
  format: z.literal('platepipe indexes'),
  schema: z.literal(1),
  indexes: z.array(entrySchema),
})

export type IndexEntry = z.output<typeof entrySchema>

/** The indexes of a release; none where there is no manifest. @throws UserError when it is damaged */
export async function readIndexes(folder: string): Promise<IndexEntry[]> {
  return (await newest(folder)).indexes
}

async function newest(folder: string): Promise<{ number: number; indexes: IndexEntry[] }> {
  const state = await readNewest(folder, STEM)
  if (state === null) return { number: 0, indexes: [] }
  const damaged = (why: string) =>
    new UserError(
      `the manifest ${state.path} of indexes is damaged: ${why}`,
      'move it away: the one before it counts then; and run platepipe catalog index again',
    )
  let json: unknown
  try {
    json = JSON.parse(state.text)
  } catch {
    throw damaged('it is no JSON')
  }
  const read = manifestSchema.safeParse(json)
  if (!read.success) throw damaged(z.prettifyError(read.error))
  return { number: state.number, indexes: read.data.indexes }
}

function serialised(indexes: readonly IndexEntry[]): string {
  const lines = indexes.map((entry) => JSON.stringify(z.encode(entrySchema, entry)))
  return `{ "format": "platepipe indexes", "schema": 1, "indexes": [\n${lines.join(',\n')}\n] }\n`
}

const keyOf = ({ release, epoch_yr, quads_arcmin, region }: IndexEntry): string =>
  [release, epoch_yr, ...quads_arcmin, region].join(' ')

/**
 * Names an index whose file is in the folder already. One of the same epoch, quads and region is replaced, and its file
 * removed.
 * @throws UserError where the folder cannot be written to; Cancelled
 */
export async function addIndex(folder: string, entry: IndexEntry, signal?: AbortSignal): Promise<void> {
  for (let tries = 0; ; tries++) {
    throwIfCancelled(signal)
    const state = await newest(folder)
    const replaced = state.indexes.filter((one) => keyOf(one) === keyOf(entry))
    const others = state.indexes.filter((one) => keyOf(one) !== keyOf(entry))
    const indexes = [...others, entry].sort((a, b) => (a.file < b.file ? -1 : 1))
    if (await commitNumber(folder, STEM, state.number + 1, serialised(indexes))) {
      for (const { file } of replaced) {
        if (file !== entry.file) await rm(join(folder, file), { force: true })
      }
      return
    }
    if (tries === COMMIT_TRIES) {
      throw new UserError(`other processes keep changing ${folder}`, 'run it again when they are done')
    }
    await pause(5 * (tries % 10), undefined, signal ? { signal } : {}).catch(() => throwIfCancelled(signal))
  }
}

/** Whether the file of an entry is there, with its length. */
export async function isThere(folder: string, { file, bytes }: IndexEntry): Promise<boolean> {
  return stat(join(folder, file)).then(
    ({ size }) => size === bytes,
    () => false,
  )
}
