// The structure of a FITS file: where each header and each data unit lies. Headers are read, data are not.
import type { FileHandle } from 'node:fs/promises'
import { UserError } from '../errors.ts'
import {
  BLOCK_BYTES,
  getBoolean,
  getNumber,
  getString,
  type Header,
  isEndCard,
  parseHeader,
} from './header.ts'
import { openForReading, readAt } from './io.ts'

export type HduKind = 'image' | 'bintable' | 'table' | 'compressed-image' | 'other'

export interface Hdu {
  /** 0 is the primary. */
  index: number
  /** EXTNAME, or '' without one. */
  name: string
  kind: HduKind
  header: Header
  /** Byte offsets and sizes, without the padding to whole blocks. */
  dataOffset: number
  dataBytes: number
  /** NAXIS1, NAXIS2 …; empty where there are no data. */
  axes: number[]
  bitpix: number
  /** The file ends before this data unit does. */
  truncated: boolean
}

export interface FitsFile {
  path: string
  handle: FileHandle
  sizeBytes: number
  hdus: Hdu[]
  /** Sentences on the structure of the file and the cards of all headers. */
  problems: string[]
  close(): Promise<void>
}

const HEADER_CHUNK_BYTES = 16 * BLOCK_BYTES
const MAX_HEADER_BYTES = 5000 * BLOCK_BYTES // 180,000 cards; a "header" beyond that is data in disguise
const BITPIX = new Set([8, 16, 32, 64, -32, -64])

/** Opens a FITS file and lists its HDUs. @throws UserError: missing, empty, not FITS, header without END. */
export async function openFits(path: string): Promise<FitsFile> {
  const { handle, sizeBytes } = await openForReading(path)
  try {
    await refuseOther(handle, path, sizeBytes)
    const problems: string[] = []
    const hdus = await readStructure({ handle, path, sizeBytes, problems })
    for (const hdu of hdus) problems.push(...hdu.header.problems)
    return { path, handle, sizeBytes, hdus, problems, close: () => handle.close() }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function refuseOther(handle: FileHandle, path: string, sizeBytes: number): Promise<void> {
  if (sizeBytes === 0) throw new UserError(`${path} is empty (0 bytes)`, 'copy or download the file again')
  const first = Buffer.alloc(80)
  await readAt(handle, first, 0)
  if (/^SIMPLE *=/.test(first.toString('latin1'))) return
  const seen = first[0] === 0x1f && first[1] === 0x8b ? 'is compressed with gzip' : 'is not a FITS file'
  throw new UserError(
    `${path} ${seen}: it does not begin with SIMPLE`,
    'give a FITS file (or for scans .fits.gz, .fits.fz or TIFF)',
  )
}

/** Header bytes from `offset` to the end of the block that holds END; undefined where there is no END. */
async function readHeaderBytes(handle: FileHandle, offset: number): Promise<Buffer | undefined> {
  let bytes = Buffer.alloc(0)
  for (let scanned = 0; bytes.length < MAX_HEADER_BYTES; ) {
    const chunk = Buffer.alloc(HEADER_CHUNK_BYTES)
    const got = await readAt(handle, chunk, offset + bytes.length)
    bytes = Buffer.concat([bytes, chunk.subarray(0, got)])
    for (; scanned + 80 <= bytes.length; scanned += 80) {
      if (bytes[scanned] !== 0x45 || !isEndCard(bytes.toString('latin1', scanned, scanned + 80))) continue
      return bytes.subarray(0, Math.min(bytes.length, Math.ceil((scanned + 80) / BLOCK_BYTES) * BLOCK_BYTES))
    }
    if (got < HEADER_CHUNK_BYTES) return undefined
  }
  return undefined
}

interface StructureInput {
  handle: FileHandle
  path: string
  sizeBytes: number
  problems: string[]
}

async function readStructure({ handle, path, sizeBytes, problems }: StructureInput): Promise<Hdu[]> {
  const hdus: Hdu[] = []
  let offset = 0
  while (offset < sizeBytes) {
    if (hdus.length > 0 && !(await startsExtension(handle, offset))) {
      problems.push(`${sizeBytes - offset} bytes after the last HDU are not a FITS extension`)
      break
    }
    const bytes = await readHeaderBytes(handle, offset)
    if (bytes === undefined) {
      const what = `the header at byte ${offset} has no END card before the file ends at ${sizeBytes} bytes`
      if (hdus.length === 0) throw new UserError(`${path}: ${what}`, 'copy or download the file again')
      problems.push(what)
      break
    }
    const hdu = tryDescribe(parseHeader(bytes), hdus.length, { path, problems })
    if (hdu === undefined) break
    hdu.dataOffset = offset + Math.ceil(bytes.length / BLOCK_BYTES) * BLOCK_BYTES
    hdu.truncated = hdu.dataBytes > 0 && hdu.dataOffset + hdu.dataBytes > sizeBytes
    hdus.push(hdu)
    offset = hdu.dataOffset + Math.ceil(hdu.dataBytes / BLOCK_BYTES) * BLOCK_BYTES
  }
  return hdus
}

/** A broken extension ends the list; what lies before it can still be read. A broken primary is an error. */
function tryDescribe(
  header: Header,
  index: number,
  { path, problems }: Pick<StructureInput, 'path' | 'problems'>,
): Hdu | undefined {
  try {
    return describeHdu(header, index, path)
  } catch (error) {
    if (index === 0 || !(error instanceof UserError)) throw error
    problems.push(error.message)
    return undefined
  }
}

async function startsExtension(handle: FileHandle, offset: number): Promise<boolean> {
  const first = Buffer.alloc(9)
  await readAt(handle, first, offset)
  return first.toString('latin1') === 'XTENSION='
}

function hduKind(header: Header, index: number): HduKind {
  if (index === 0)
    return getBoolean(header, 'GROUPS') === true && getNumber(header, 'NAXIS1') === 0 ? 'other' : 'image'
  const type = getString(header, 'XTENSION')?.trim().toUpperCase()
  if (type === 'IMAGE' || type === 'IUEIMAGE') return 'image'
  if (type === 'TABLE') return 'table'
  if (type !== 'BINTABLE' && type !== 'A3DTABLE') return 'other'
  return getBoolean(header, 'ZIMAGE') === true ? 'compressed-image' : 'bintable'
}

function needCount(header: Header, keyword: string, path: string): number {
  const value = getNumber(header, keyword)
  if (value !== undefined && Number.isSafeInteger(value) && value >= 0) return value
  const found = value === undefined ? 'missing or not a number' : String(value)
  throw new UserError(
    `${path}: the header keyword ${keyword} is ${found}`,
    `${keyword} must be a whole number from 0 on`,
  )
}

/** Kind and size from the header alone; offset and truncation are filled in by the caller. */
function describeHdu(header: Header, index: number, path: string): Hdu {
  const bitpix = getNumber(header, 'BITPIX')
  if (bitpix === undefined || !BITPIX.has(bitpix)) {
    throw new UserError(
      `${path}: BITPIX is ${bitpix ?? 'missing'} in HDU ${index}`,
      'BITPIX must be 8, 16, 32, 64, -32 or -64',
    )
  }
  const axes: number[] = []
  const naxis = needCount(header, 'NAXIS', path)
  for (let axis = 1; axis <= naxis; axis++) axes.push(needCount(header, `NAXIS${axis}`, path))
  const kind = hduKind(header, index)
  const counted = kind === 'other' && axes[0] === 0 ? axes.slice(1) : axes // random groups have NAXIS1 = 0
  const elements = counted.length === 0 ? 0 : counted.reduce((product, length) => product * length, 1)
  const pcount = Math.max(0, getNumber(header, 'PCOUNT') ?? 0)
  const gcount = Math.max(1, getNumber(header, 'GCOUNT') ?? 1)
  const isPlainPrimary = index === 0 && kind === 'image'
  const values = isPlainPrimary || counted.length === 0 ? elements : gcount * (pcount + elements)
  const name = getString(header, 'EXTNAME')?.trim() ?? ''
  const dataBytes = (Math.abs(bitpix) / 8) * values
  return { index, name, kind, header, dataOffset: 0, dataBytes, axes, bitpix, truncated: false }
}

/** One line per HDU, for messages: `0: image 1059 x 1059 (BITPIX 16); 1 IAM_DATA: bintable, 1076 rows`. */
export function listHdus(hdus: readonly Hdu[]): string {
  return hdus.map(describeInWords).join('; ')
}

function describeInWords(hdu: Hdu): string {
  const head = hdu.name === '' ? `${hdu.index}:` : `${hdu.index} ${hdu.name}:`
  if (hdu.axes.length === 0) return `${head} no data`
  if (hdu.kind === 'image') return `${head} image ${hdu.axes.join(' x ')} (BITPIX ${hdu.bitpix})`
  if (hdu.kind === 'compressed-image') {
    const width = getNumber(hdu.header, 'ZNAXIS1') ?? '?'
    return `${head} compressed image ${width} x ${getNumber(hdu.header, 'ZNAXIS2') ?? '?'}`
  }
  return hdu.kind === 'other' ? `${head} other data` : `${head} ${hdu.kind}, ${hdu.axes[1] ?? 0} rows`
}
