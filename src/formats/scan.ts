// Opens a scan in any of the forms that archives deliver, by what is in the file and not by its name: FITS, FITS in gzip,
// tile-compressed FITS, TIFF. Stages see an ImageSource and need not know.
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { Cancelled, throwIfCancelled, UserError } from '../errors.ts'
import { verifyChecksums } from '../fits/checksum.ts'
import { type FitsFile, type Hdu, openFits } from '../fits/hdu.ts'
import { getNumber } from '../fits/header.ts'
import { type ImageSource, openFitsImage, planeOf } from '../fits/image.ts'
import { openForReading, readAt } from '../fits/io.ts'
import { funpackImage } from '../tools/funpack.ts'
import { looksLikeTiff, openTiff } from './tiff.ts'

export interface ScanOptions {
  /** HDU of a FITS file (0 is the primary), image of a TIFF file; by default the first that is a plane. */
  hdu?: number | undefined
  /** Where unpacked copies go; they are removed at close(). */
  workDir: string
  /** The funpack to use; by default the one on PATH. */
  funpack?: string | undefined
  signal?: AbortSignal | undefined
}

/** @throws UserError: what was found instead of a grey two-dimensional image; Cancelled. */
export async function openScan(path: string, options: ScanOptions): Promise<ImageSource> {
  throwIfCancelled(options.signal)
  if (!(await looksLikeGzip(path))) return openUncompressed(path, options)
  const unpackedPath = await gunzip(path, options)
  try {
    const source = await named(path, unpackedPath, () => openUncompressed(unpackedPath, options))
    return {
      ...source,
      description: `${source.description}, from gzip`,
      close: closing(source, unpackedPath),
    }
  } catch (error) {
    await rm(unpackedPath, { force: true })
    throw error
  }
}

function closing(source: ImageSource, temporaryPath: string): () => Promise<void> {
  return async () => {
    await source.close()
    await rm(temporaryPath, { force: true })
  }
}

async function firstBytes(path: string): Promise<Buffer> {
  const { handle } = await openForReading(path)
  try {
    const bytes = Buffer.alloc(16)
    return bytes.subarray(0, await readAt(handle, bytes, 0))
  } finally {
    await handle.close()
  }
}

async function looksLikeGzip(path: string): Promise<boolean> {
  const first = await firstBytes(path)
  return first[0] === 0x1f && first[1] === 0x8b
}

async function openUncompressed(path: string, options: ScanOptions): Promise<ImageSource> {
  const first = await firstBytes(path)
  if (looksLikeTiff(first)) return openTiff(path, { page: options.hdu })
  refuseKnown(path, first)
  const file = await openFits(path)
  let packed: Hdu | undefined
  try {
    packed = choosePacked(file, options.hdu)
    if (packed !== undefined) await refuseDamaged(file, packed)
  } finally {
    await file.close()
  }
  return packed === undefined ? openFitsImage(path, options) : openPacked(path, packed, options)
}

/** Formats that people try, by their first bytes, with a word on what to do. */
function refuseKnown(path: string, first: Buffer): void {
  const text = first.toString('latin1')
  const known = [
    [text.startsWith('\x89PNG'), 'PNG'],
    [text.startsWith('\xff\xd8\xff'), 'JPEG'],
    [text.startsWith('BZh'), 'bzip2'],
    [text.startsWith('PK\x03\x04'), 'zip'],
    [text.startsWith('\xfd7zXZ'), 'xz'],
    [text.startsWith('\x1f\x9d'), 'compress (.Z)'],
  ].find(([matches]) => matches)
  if (known === undefined) return
  throw new UserError(
    `${path} is a ${known[1]} file`,
    'unpack or convert it to FITS (.fits, .fits.gz, .fits.fz) or grey TIFF',
  )
}

/** The tile-compressed image to read, if it is one of those that is wanted. */
function choosePacked(file: FitsFile, hduIndex: number | undefined): Hdu | undefined {
  const isPlane = ({ kind, axes }: Hdu) => kind === 'image' && planeOf(axes) !== undefined
  const chosen =
    hduIndex === undefined ? file.hdus.find((hdu) => isPlane(hdu) || isPackedPlane(hdu)) : file.hdus[hduIndex]
  if (chosen?.kind !== 'compressed-image') return undefined
  if (chosen.truncated) {
    const held = Math.max(0, file.sizeBytes - chosen.dataOffset)
    throw new UserError(
      `${file.path}: the compressed image in HDU ${chosen.index} is cut off: ${chosen.dataBytes} bytes are wanted, the file holds ${held}`,
      'copy or download the file again',
    )
  }
  return chosen
}

/** CFITSIO decodes damaged tiles without a word; the sum that fpack wrote tells. */
async function refuseDamaged(file: FitsFile, hdu: Hdu): Promise<void> {
  if ((await verifyChecksums(file, hdu)).dataSumAgrees !== false) return
  throw new UserError(
    `${file.path}: the compressed image in HDU ${hdu.index} is damaged: DATASUM does not agree with its bytes`,
    'copy or download the file again',
  )
}

function isPackedPlane({ kind, header }: Hdu): boolean {
  if (kind !== 'compressed-image') return false
  const axes = Array.from(
    { length: getNumber(header, 'ZNAXIS') ?? 0 },
    (_, i) => getNumber(header, `ZNAXIS${i + 1}`) ?? 0,
  )
  return planeOf(axes) !== undefined
}

async function openPacked(path: string, hdu: Hdu, options: ScanOptions): Promise<ImageSource> {
  await mkdir(options.workDir, { recursive: true })
  const { workDir, funpack: program, signal } = options
  const outputName = 'scan-unpacked.fits'
  const unpackedPath = await funpackImage({ program, path, hduIndex: hdu.index, workDir, outputName, signal })
  try {
    const source = await named(path, unpackedPath, () => openFitsImage(unpackedPath, { hdu: 0 }))
    return {
      ...source,
      hduIndex: hdu.index,
      description: `${source.description.replace(/HDU 0/, `HDU ${hdu.index}`)}, tile-compressed`,
      close: closing(source, unpackedPath),
    }
  } catch (error) {
    await rm(unpackedPath, { force: true })
    throw error
  }
}

/** Messages name the file that the user gave, not its unpacked copy. */
async function named<T>(path: string, copyPath: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new UserError(error.message.replaceAll(copyPath, path), error.todo)
  }
}

/** Unpacks into the work folder, a piece at a time. */
async function gunzip(path: string, { workDir, signal }: ScanOptions): Promise<string> {
  await mkdir(workDir, { recursive: true })
  const target = join(workDir, 'scan-gunzipped')
  try {
    const streams = [createReadStream(path), createGunzip(), createWriteStream(target)] as const
    await (signal === undefined ? pipeline(...streams) : pipeline(...streams, { signal }))
    return target
  } catch (error) {
    const held = await stat(target).then(
      (found) => found.size,
      () => 0,
    )
    await rm(target, { force: true })
    if (signal?.aborted) throw new Cancelled()
    throw gunzipError(path, target, held, error)
  }
}

function gunzipError(path: string, target: string, held: number, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new UserError(`the disk filled up while unpacking ${path} to ${target}`, 'free some space')
  }
  if (!code.startsWith('Z_')) return error
  return new UserError(
    `${path} is cut off or damaged: its gzip stream breaks after ${held} unpacked bytes`,
    'copy or download the file again',
  )
}
