// Which astrometry.net indexes are installed, and which sizes of field they can solve.
import { open, readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { getNumber, parseHeader } from '../fits/header.ts'

export interface IndexFile {
  path: string
  /** Sizes of its star patterns (quads), arcminutes. */
  smallestQuadArcmin: number
  largestQuadArcmin: number
  /** Part of the sky that it covers, 0 to 1. */
  skyFraction: number
}

export interface IndexFolder {
  dir: string
  exists: boolean
  indexes: IndexFile[]
}

const RADIAN_ARCMIN = (180 / Math.PI) * 60
const HEADER_BYTES = 2880 * 2 // the primary header of an index: about twenty cards
const BASE_TILES = 12 // HEALPix: 12 nside² tiles on the sphere

/** A plate should be at least twice as wide as the smallest quads, else too few of them lie on it to be found. */
export const FIELD_PER_QUAD = 2

/** Reads the primary header of one file; undefined when it is not an index (Dustin Lang's format: SCALE_L, SCALE_U in radians). */
async function readIndex(path: string): Promise<IndexFile | undefined> {
  const handle = await open(path, 'r')
  try {
    const bytes = new Uint8Array(HEADER_BYTES)
    const { bytesRead } = await handle.read(bytes, 0, HEADER_BYTES, 0)
    if (bytesRead < 2880) return undefined
    const header = parseHeader(bytes.subarray(0, bytesRead))
    const low = getNumber(header, 'SCALE_L')
    const high = getNumber(header, 'SCALE_U')
    if (low === undefined || high === undefined) return undefined
    const tile = getNumber(header, 'HEALPIX') ?? -1
    const nside = getNumber(header, 'HPNSIDE') ?? 0
    return {
      path,
      smallestQuadArcmin: low * RADIAN_ARCMIN,
      largestQuadArcmin: high * RADIAN_ARCMIN,
      skyFraction: tile < 0 ? 1 : 1 / (BASE_TILES * Math.max(nside, 1) ** 2),
    }
  } catch {
    return undefined // damaged: of no use to the solver either
  } finally {
    await handle.close()
  }
}

/** Every index in one folder, smallest quads first. */
export async function readIndexFolder(dir: string): Promise<IndexFolder> {
  let names: string[]
  try {
    names = await readdir(dir)
  } catch {
    return { dir, exists: false, indexes: [] }
  }
  const indexes: IndexFile[] = []
  for (const name of names.filter((n) => n.endsWith('.fits')).sort()) {
    const index = await readIndex(resolve(dir, name)).catch(() => undefined)
    if (index) indexes.push(index)
  }
  indexes.sort((a, b) => a.smallestQuadArcmin - b.smallestQuadArcmin)
  return { dir, exists: true, indexes }
}

/** Degrees of the smallest field that some all-sky set of indexes solves; undefined when none covers the sky. */
export function smallestFieldDeg(indexes: readonly IndexFile[]): number | undefined {
  const covered = new Map<string, { fraction: number; quadArcmin: number }>()
  for (const index of indexes) {
    const key = index.smallestQuadArcmin.toFixed(2) // tiles of one set share their range of scales
    const set = covered.get(key) ?? { fraction: 0, quadArcmin: index.smallestQuadArcmin }
    covered.set(key, { ...set, fraction: set.fraction + index.skyFraction })
  }
  const whole = [...covered.values()].filter((set) => set.fraction > 0.99).map((set) => set.quadArcmin)
  return whole.length === 0 ? undefined : (FIELD_PER_QUAD * Math.min(...whole)) / 60
}
