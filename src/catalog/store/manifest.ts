// What a store holds: tiles, coverage, provenance. Every change is a new numbered file, manifest-<n>.json, that appears as
// a whole and only if nobody else has made number n: the highest number counts, no lock can be left behind, and a
// process that is killed leaves the last whole state.
import { createHash } from 'node:crypto'
import * as z from 'zod'
import { UserError } from '../../errors.ts'
import { moc } from './moc-codec.ts'
import { commitNumber, readNewest } from './numbered-file.ts'

/** The form of the manifest; grows when older versions could not read it any more. */
const SCHEMA = 1

/** For these G a tile says how many of its stars are as bright. */
export const COUNTED_MAGNITUDES = Array.from({ length: 16 }, (_, n) => 6 + n)

const tileSchema = z.object({
  order: z.number().int().min(0).max(12),
  pixel: z.number().int().min(0),
  /** Relative to the folder of the release. */
  file: z.string().regex(/^tiles\/[\w.-]+$/),
  rows: z.number().int().positive(),
  bytes: z.number().int().positive(),
  sha256: z.string(),
  footer_bytes: z.number().int().positive(),
  footer_crc32: z.number().int(),
  /** One per COUNTED_MAGNITUDES: stars with G ≤ 6, 7, … 21. */
  g_counts: z.array(z.number().int()),
})

const coverageSchema = z.object({
  /** All stars of the release down to this G are here; null: all of them. */
  limit_mag: z.number().nullable(),
  moc,
  /** The coverage was guessed from the stars themselves. */
  estimated: z.boolean(),
})

const sourceSchema = z.object({
  kind: z.enum(['fetch', 'import']),
  /** The service, or the file. */
  name: z.string(),
  /** The table and limits, or the SHA-256 of the file. */
  detail: z.string(),
  rows: z.number().int(),
  first: z.string(),
  last: z.string(),
  by: z.string(),
})

const manifestSchema = z.object({
  format: z.literal('platepipe star store'),
  schema: z.literal(SCHEMA),
  generation: z.number().int().min(0),
  release: z.string(),
  ref_epoch: z.number(),
  rows: z.number().int(),
  coverage: z.array(coverageSchema),
  tiles: z.array(tileSchema),
  sources: z.array(sourceSchema),
})

export type TileEntry = z.output<typeof tileSchema>
export type Coverage = z.output<typeof coverageSchema>
export type Source = z.output<typeof sourceSchema>
export type Manifest = z.output<typeof manifestSchema>

export function emptyManifest(release: string, refEpochYr: number): Manifest {
  return {
    ...{ format: 'platepipe star store', schema: SCHEMA, generation: 0, release, ref_epoch: refEpochYr },
    ...{ rows: 0, coverage: [], tiles: [], sources: [] },
  }
}

const STEM = 'manifest'

/** The newest state of a store; null when the folder holds none. */
export async function readManifest(folder: string): Promise<Manifest | null> {
  const state = await readNewest(folder, STEM)
  return state === null ? null : parsed(state.text, state.path)
}

function parsed(text: string, path: string): Manifest {
  const damaged = (why: string) =>
    new UserError(
      `the manifest ${path} of the star store is damaged: ${why}`,
      'move it away: the one before it counts then; and run platepipe catalog verify',
    )
  const { content, sha256 } = contentAndSum(text)
  if (sha256 !== digest(content)) throw damaged('its checksum is wrong')
  const json = JSON.parse(content)
  if (json.schema > SCHEMA) {
    throw new UserError(
      `the star store of ${path} was made by a newer platepipe (form ${json.schema} of its manifest; this one knows ${SCHEMA})`,
      'use that version, or another store with --catalog',
    )
  }
  const read = manifestSchema.safeParse(json)
  if (!read.success) throw damaged(z.prettifyError(read.error))
  return read.data
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The last line of the file is the checksum of those before it: `"sha256": "…" }`. */
function contentAndSum(text: string): { content: string; sha256: string | undefined } {
  const match = /,\n"sha256": "([0-9a-f]{64})"\n\}\n$/.exec(text)
  return { content: `${text.slice(0, match?.index ?? 0)}\n}\n`, sha256: match?.[1] }
}

/** One tile a line: a manifest of the whole sky stays readable. */
function serialised(manifest: Manifest): string {
  const encoded = z.encode(manifestSchema, manifest)
  const lines = Object.entries(encoded).map(([key, value]) => {
    const list = Array.isArray(value) && value.length > 0
    const shown = list
      ? `[\n${value.map((item) => JSON.stringify(item)).join(',\n')}\n]`
      : JSON.stringify(value)
    return `${JSON.stringify(key)}: ${shown}`
  })
  const body = `{\n${lines.join(',\n')}`
  return `${body},\n"sha256": "${digest(`${body}\n}\n`)}"\n}\n`
}

/**
 * Makes `next` the state after `next.generation - 1`; false when another process was quicker.
 * @throws UserError where the folder cannot be written to.
 */
export function commitManifest(folder: string, next: Manifest): Promise<boolean> {
  return commitNumber(folder, STEM, next.generation, serialised(next))
}
