// One small scan in every form, for tests.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { addCard, emptyHeader } from '../../src/fits/header.ts'
import { createFitsImage } from '../../src/fits/image.ts'
import type { NewImage } from '../../src/fits/imagesink.ts'
import { scratchFolder } from '../fits/judges.ts'

export const folder = scratchFolder()
export const workDir = join(folder, 'work dir')
export const [width, height] = [61, 47]
export const VALUES = Float64Array.from({ length: width * height }, (_, i) => (i * 37) % 65536)

export async function makeScan(name: string, image: Partial<NewImage> = {}): Promise<string> {
  const path = join(folder, name)
  const header = emptyHeader()
  addCard(header, 'PLATENUM', 'E 438')
  const sink = await createFitsImage(path, { width, height, bitpix: 16, unsigned: true, header, ...image })
  await sink.writeRows(VALUES)
  await sink.close()
  return path
}

/** fpack leaves NAME.fz beside NAME. */
export function fpack(path: string, ...options: string[]): string {
  execFileSync('fpack', [...options, path])
  return `${path}.fz`
}
