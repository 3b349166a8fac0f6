// Rows out of the strips or tiles of a TIFF image. Uncompressed strips are read row by row, however tall they are; of
// anything else one row of blocks is kept decoded.
import type { FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { getDecoder } from 'geotiff'
import { UserError } from '../errors.ts'
import { readAt } from '../fits/io.ts'
import { decodeLzw } from './tifflzw.ts'

const inflateAsync = promisify<Buffer, Buffer>(inflate)

/** How the pixels of one grey image lie in a file; a strip is a block as wide as the image. */
export interface TiffLayout {
  handle: FileHandle
  width: number
  height: number
  bitsPerSample: 8 | 16
  littleEndian: boolean
  /** Code of tag 259; 1 is none. */
  compression: number
  /** 2: each pixel is stored as its difference from the one to its left. */
  predictor: number
  isTiled: boolean
  blockWidth: number
  blockHeight: number
  /** Per block, row of blocks by row of blocks. */
  offsets: number[]
  byteCounts: number[]
}

type RowReader = (y0: number, count: number) => Promise<Float64Array>

const UNCOMPRESSED = 1

/** A function that reads `count` rows from `y0` on; see ImageSource.readRows. */
export function rowReader(path: string, layout: TiffLayout): RowReader {
  const { width, height, blockHeight } = layout
  const fill =
    layout.compression === UNCOMPRESSED && !layout.isTiled ? stripFiller(layout) : blockFiller(layout)
  return async (y0, count) => {
    if (!(Number.isInteger(y0) && Number.isInteger(count) && y0 >= 0 && count >= 0 && y0 + count <= height)) {
      throw new RangeError(`rows ${y0} to ${y0 + count} of an image of ${height} rows`)
    }
    const rows = new Float64Array(width * count)
    for (let y = y0; y < y0 + count; ) {
      const blockRow = Math.floor(y / blockHeight)
      const end = Math.min(y0 + count, (blockRow + 1) * blockHeight)
      try {
        await fill({ target: rows.subarray((y - y0) * width, (end - y0) * width), blockRow, y, end })
      } catch (error) {
        throw new UserError(
          `${path} cannot be read as TIFF from row ${y} on (${(error as Error).message})`,
          'copy or scan it again',
        )
      }
      y = end
    }
    return rows
  }
}

/** Rows y to end (exclusive), which lie in one row of blocks, go into `target`. */
interface Wanted {
  target: Float64Array
  blockRow: number
  y: number
  end: number
}

function stripFiller(layout: TiffLayout): (wanted: Wanted) => Promise<void> {
  const rowBytes = (layout.width * layout.bitsPerSample) / 8
  return async ({ target, blockRow, y, end }) => {
    const bytes = Buffer.from(new ArrayBuffer((end - y) * rowBytes))
    const skipped = (y - blockRow * layout.blockHeight) * rowBytes
    if (skipped + bytes.length > layout.byteCounts[blockRow]!) throw new Error('a strip is too short')
    const got = await readAt(layout.handle, bytes, layout.offsets[blockRow]! + skipped)
    if (got < bytes.length) throw new Error('the file ends')
    target.set(samples(bytes, layout))
  }
}

function blockFiller(layout: TiffLayout): (wanted: Wanted) => Promise<void> {
  const { width, blockWidth, blockHeight } = layout
  const across = Math.ceil(width / blockWidth)
  let kept: { blockRow: number; blocks: Promise<(Uint8Array | Uint16Array)[]> } | undefined
  return async ({ target, blockRow, y, end }) => {
    if (kept?.blockRow !== blockRow) kept = { blockRow, blocks: decodeBlockRow(layout, blockRow, across) }
    const blocks = await kept.blocks
    for (let column = 0; column < across; column++) {
      const x = column * blockWidth
      const length = Math.min(blockWidth, width - x)
      for (let row = y; row < end; row++) {
        const from = (row - blockRow * blockHeight) * blockWidth
        target.set(blocks[column]!.subarray(from, from + length), (row - y) * width + x)
      }
    }
  }
}

async function decodeBlockRow(
  layout: TiffLayout,
  blockRow: number,
  across: number,
): Promise<(Uint8Array | Uint16Array)[]> {
  const { blockWidth, blockHeight, bitsPerSample } = layout
  // The last strip may hold fewer rows; tiles are always whole.
  const rows = layout.isTiled ? blockHeight : Math.min(blockHeight, layout.height - blockRow * blockHeight)
  const wantedBytes = (rows * blockWidth * bitsPerSample) / 8
  const blocks: (Uint8Array | Uint16Array)[] = []
  for (let column = 0; column < across; column++) {
    const index = blockRow * across + column
    const packed = Buffer.from(new ArrayBuffer(layout.byteCounts[index]!))
    const got = await readAt(layout.handle, packed, layout.offsets[index]!)
    if (got < packed.length) throw new Error('the file ends')
    const bytes = await unpack(packed, layout, wantedBytes)
    if (bytes.length < wantedBytes) throw new Error('a strip or tile is too short')
    const pixels = samples(bytes.subarray(0, wantedBytes), layout)
    if (layout.predictor === 2) undoDifferences(pixels, blockWidth)
    blocks.push(pixels)
  }
  return blocks
}

const LZW = 5
const DEFLATE = [8, 32946]

/** Deflate is Node's own and LZW ours for speed (docs/decisions/tiff.md); the rest is the library's. */
async function unpack(packed: Buffer, layout: TiffLayout, wantedBytes: number): Promise<Buffer> {
  const { compression, blockWidth, blockHeight, bitsPerSample } = layout
  if (compression === LZW) {
    const bytes = decodeLzw(packed, wantedBytes)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
  if (DEFLATE.includes(compression)) return inflateAsync(packed)
  const decoder = await getDecoder(compression, {
    tileWidth: blockWidth,
    tileHeight: blockHeight,
    predictor: 1, // undone by the caller: the decoder's own is wrong for big-endian samples
    bitsPerSample,
    planarConfiguration: 1,
  })
  return Buffer.from(await decoder.decode(packed.buffer as ArrayBuffer))
}

/** The samples in the machine's order; the bytes are swapped in place where theirs is the other. */
function samples(bytes: Buffer, { bitsPerSample, littleEndian }: TiffLayout): Uint8Array | Uint16Array {
  if (bitsPerSample === 8) return bytes
  const machineIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer)
  if (littleEndian !== machineIsLittleEndian) aligned.swap16()
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 2)
}

/** TIFF 6.0, section 14; sums wrap round at the width of a sample. */
function undoDifferences(pixels: Uint8Array | Uint16Array, rowLength: number): void {
  for (let start = 0; start < pixels.length; start += rowLength) {
    const end = Math.min(pixels.length, start + rowLength)
    for (let i = start + 1; i < end; i++) pixels[i] = pixels[i]! + pixels[i - 1]!
  }
}
