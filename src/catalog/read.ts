// Reads reference stars from a file with Gaia columns: CSV, FITS table, VOTable or Parquet, each plain or gzip'ed.
import { collect } from '../formats/columntable.ts'
import { chooseColumns, interpret } from './interpret.ts'
import type { ReferenceStars } from './stars.ts'
import { tableBatches } from './table-file.ts'

export { usableAsReference } from './stars.ts'

/**
 * Reads a catalogue of any release of Gaia. Rows without place or motion stay, with NaN: see `usableAsReference`.
 * @throws UserError: missing, empty, of no known format, without places, without proper motions, without stars, with
 * text for numbers or places outside the sphere; Cancelled.
 * @param workDir  receives an unpacked copy, which is gone again at the end
 */
export async function readReferenceStars(
  path: string,
  signal?: AbortSignal,
  workDir?: string,
): Promise<ReferenceStars> {
  const batches = tableBatches(path, (fields) => chooseColumns(path, fields), { signal, workDir })
  return interpret(await collect(batches), path)
}
