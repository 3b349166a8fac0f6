// Files in a store that its manifest does not know: those of processes that are at work, or that were killed.
import { readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manifest } from './manifest.ts'

export interface Stray {
  /** Relative to the folder of the release. */
  file: string
  bytes: number
  /** Older than any process that may still be at work. */
  old: boolean
  removed: boolean
}

const HOUR_MS = 3600_000
/** A process at work keeps its files younger. */
const OLD_MS = 24 * HOUR_MS
const TEMPORARY = /^\.manifest-[0-9a-f]+\.part$/
/** Where an import sorts its stars. */
const WORK_FOLDER = /^platepipe-import-\w+$/

/** The files that no manifest knows; old ones are removed when that is wanted. */
export async function strays(folder: string, manifest: Manifest | null, remove: boolean): Promise<Stray[]> {
  const known = new Set(manifest?.tiles.map(({ file }) => file))
  const inTiles = await readdir(join(folder, 'tiles')).catch(() => [])
  const names = [
    ...(await readdir(folder)).filter((name) => TEMPORARY.test(name) || WORK_FOLDER.test(name)),
    ...inTiles.map((name) => `tiles/${name}`).filter((file) => !known.has(file)),
  ]
  const found: Stray[] = []
  for (const file of names.sort()) {
    const path = join(folder, file)
    const state = WORK_FOLDER.test(file) ? await ofFolder(path) : await ofFile(path)
    if (state === undefined) continue // gone meanwhile, or a person's own folder
    const old = Date.now() - state.mtimeMs > OLD_MS
    if (old && remove) await rm(path, { recursive: true, force: true })
    found.push({ file, bytes: state.size, old, removed: old && remove })
  }
  return found
}

interface Age {
  mtimeMs: number
  size: number
}

async function ofFile(path: string): Promise<Age | undefined> {
  const state = await stat(path).catch(() => undefined)
  return state?.isFile() ? state : undefined
}

/** As old as the youngest thing in it. */
async function ofFolder(path: string): Promise<Age | undefined> {
  const own = await stat(path).catch(() => undefined)
  if (!own?.isDirectory()) return undefined
  let { mtimeMs } = own
  let size = 0
  for (const name of await readdir(path).catch(() => [])) {
    const state = await ofFile(join(path, name))
    mtimeMs = Math.max(mtimeMs, state?.mtimeMs ?? 0)
    size += state?.size ?? 0
  }
  return { mtimeMs, size }
}

/** Keeps files from looking abandoned, however long the work on them lasts: to be called now and then. */
export function keptYoung(): (paths: Iterable<string>) => Promise<void> {
  let last = Date.now()
  return async (paths) => {
    const now = new Date()
    if (now.getTime() - last < HOUR_MS) return
    last = now.getTime()
    for (const path of paths) await utimes(path, now, now)
  }
}
