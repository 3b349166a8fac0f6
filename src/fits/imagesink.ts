// Writes a FITS image strip by strip; header and checksums are put in place at the end.
import { setChecksums, startSum } from './checksum.ts'
import { BLOCK_BYTES, type Card, emptyHeader, formatHeader, type Header } from './header.ts'
import { createOutput, type OutputFile } from './io.ts'
import { cardsOf, outputHeader } from './outputheader.ts'
import { encodePixels } from './pixels.ts'

/** Takes the rows of an image in order. */
export interface ImageSink {
  /** Whole rows of physical values; for integer images rounded and cut off at the range, NaN is a RangeError. */
  writeRows(rows: Float64Array): Promise<void>
  /** Pads, writes checksums and gives the file its name. @throws Error when rows are missing. */
  close(): Promise<void>
  /** Removes what was written; harmless after close. */
  discard(): Promise<void>
}

export interface NewImage {
  width: number
  height: number
  bitpix: 8 | 16 | 32 | -32 | -64
  /** Unsigned 16 or 32-bit integers, by the convention of BZERO = 2^15 or 2^31. */
  unsigned?: boolean | undefined
  /** Further cards; those that describe storage are replaced. */
  header?: Header | undefined
  /** Write CHECKSUM and DATASUM; true unless told otherwise. */
  checksum?: boolean | undefined
  /** Put the image into an extension of this name, behind an empty primary. */
  extension?: string | undefined
}

/** Creates an image file; it appears under `path` only at close(). @throws UserError where it may not be written. */
export async function createFitsImage(path: string, image: NewImage): Promise<ImageSink> {
  const { width, height, bitpix } = image
  const zero = image.unsigned === true && bitpix > 8 ? 2 ** (bitpix - 1) : 0
  const withChecksum = image.checksum !== false
  const header = imageHeader(image, zero)
  if (withChecksum) setChecksums(header, 0)
  const primary = image.extension === undefined ? Buffer.alloc(0) : emptyPrimary(withChecksum)
  const dataOffset = primary.byteLength + formatHeader(header).byteLength
  const output = await createOutput(path)
  const sum = startSum()
  let rowsWritten = 0
  let position = dataOffset
  return {
    async writeRows(rows) {
      const count = rows.length / width
      if (!Number.isInteger(count) || rowsWritten + count > height) {
        throw new Error(
          `${rows.length} values after ${rowsWritten} rows do not fit ${width} x ${height} pixels`,
        )
      }
      const bytes = encodePixels(rows, bitpix, zero)
      if (withChecksum) sum.add(bytes)
      rowsWritten += count
      position += bytes.byteLength
      await output.write(bytes, position - bytes.byteLength)
    },
    async close() {
      if (rowsWritten !== height) {
        await output.discard()
        throw new Error(`${rowsWritten} of ${height} rows were written to ${path}`)
      }
      try {
        await pad(output, position, dataOffset)
        if (withChecksum) setChecksums(header, sum.value())
        await output.write(Buffer.concat([primary, formatHeader(header)]), 0)
        await output.finish()
      } catch (error) {
        await output.discard()
        throw error
      }
    },
    discard: () => output.discard(),
  }
}

/** Zeros up to a whole block; they change no sum. */
async function pad(output: OutputFile, position: number, dataOffset: number): Promise<void> {
  const left = (position - dataOffset) % BLOCK_BYTES
  if (left > 0) await output.write(Buffer.alloc(BLOCK_BYTES - left), position)
}

function imageHeader({ width, height, bitpix, header, extension }: NewImage, zero: number): Header {
  const first: Card[] =
    extension === undefined
      ? cardsOf([['SIMPLE', true, 'file conforms to FITS standard']])
      : cardsOf([['XTENSION', 'IMAGE', 'image extension']])
  first.push(
    ...cardsOf([
      ['BITPIX', bitpix, 'bits per data value'],
      ['NAXIS', 2, 'number of axes'],
      ['NAXIS1', width, 'length of a row'],
      ['NAXIS2', height, 'number of rows'],
    ]),
  )
  if (extension === undefined) first.push(...cardsOf([['EXTEND', true, 'there may be extensions']]))
  else {
    first.push(
      ...cardsOf([
        ['PCOUNT', 0, 'no parameters'],
        ['GCOUNT', 1, 'one group'],
        ['EXTNAME', extension, 'name of this extension'],
      ]),
    )
  }
  if (zero !== 0) {
    first.push(
      ...cardsOf([
        ['BSCALE', 1, 'physical = BZERO + BSCALE * stored'],
        ['BZERO', zero, 'unsigned integers'],
      ]),
    )
  }
  return outputHeader(first, header)
}

/** A primary HDU without data, with the cards of `extra`. */
export function emptyPrimary(withChecksum: boolean, extra: Header = emptyHeader()): Buffer {
  const structure = cardsOf([
    ['SIMPLE', true, 'file conforms to FITS standard'],
    ['BITPIX', 8, 'bits per data value'],
    ['NAXIS', 0, 'no data in the primary HDU'],
    ['EXTEND', true, 'there may be extensions'],
  ])
  const header = outputHeader(structure, extra)
  if (withChecksum) setChecksums(header, 0)
  return Buffer.from(formatHeader(header))
}
