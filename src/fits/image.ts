// FITS images as strips of rows: only the rows asked for are ever in memory.
import { UserError } from '../errors.ts'
import { type FitsFile, type Hdu, listHdus, openFits } from './hdu.ts'
import type { Header } from './header.ts'
import { readAt } from './io.ts'
import { type Bitpix, decodePixels, readScaling } from './pixels.ts'

export { createFitsImage, type ImageSink } from './imagesink.ts'

/** A two-dimensional image, read row by row from wherever it is stored. */
export interface ImageSource {
  width: number
  height: number
  header: Header
  bitpix: number
  hduIndex: number
  /** What it is, in words, for messages. */
  description: string
  /**
   * `count` rows from row `y0` (0-based, first stored row first): width·count physical values (BSCALE and BZERO applied,
   * BLANK as NaN). Exact for all 8, 16 and 32-bit integers. @throws RangeError beyond the image.
   */
  readRows(y0: number, count: number): Promise<Float64Array>
  /** Sentences on what is odd about the file but was borne. */
  problems: string[]
  close(): Promise<void>
}

/**
 * Opens the first two-dimensional image of a FITS file, or that of HDU `hdu` (0 is the primary). Further axes of length 1
 * do not count. @throws UserError: no such file, not FITS, no image, not two-dimensional, truncated data.
 */
export async function openFitsImage(
  path: string,
  options: { hdu?: number | undefined } = {},
): Promise<ImageSource> {
  const file = await openFits(path)
  try {
    return imageSource(file, chooseImage(file, options.hdu))
  } catch (error) {
    await file.close()
    throw error
  }
}

/** NAXIS1 and NAXIS2 where the rest of the axes has length 1; undefined for any other shape. */
export function planeOf(axes: readonly number[]): [number, number] | undefined {
  const [width = 0, height = 0, ...rest] = axes
  return width > 0 && height > 0 && rest.every((length) => length === 1) ? [width, height] : undefined
}

/** The HDU of the image to read; a tile-compressed one is refused here (openScan unpacks it first). */
export function chooseImage(file: FitsFile, hduIndex: number | undefined): Hdu {
  const { path, hdus } = file
  if (hduIndex !== undefined) {
    const hdu = hdus[hduIndex]
    if (hdu === undefined) {
      throw new UserError(
        `${path} has no HDU ${hduIndex}; it has ${listHdus(hdus)}`,
        `choose --hdu from 0 to ${hdus.length - 1}, or leave it out`,
      )
    }
    return needPlane(file, hdu)
  }
  const hdu = hdus.find(({ kind, axes }) => kind === 'image' && planeOf(axes) !== undefined)
  if (hdu !== undefined) return needPlane(file, hdu)
  const image = hdus.find(({ kind, axes }) => kind === 'image' && axes.length > 0)
  if (image !== undefined) return needPlane(file, image)
  throw new UserError(
    `${path} holds no image; it has ${listHdus(hdus)}`,
    'give the file with the pixels of the scan',
  )
}

function needPlane(file: FitsFile, hdu: Hdu): Hdu {
  const { path, hdus } = file
  const where = `${path}: HDU ${hdu.index}`
  if (hdu.kind !== 'image' || hdu.axes.length === 0) {
    throw new UserError(
      `${where} is not an image; the file has ${listHdus(hdus)}`,
      'choose --hdu among the images',
    )
  }
  if (planeOf(hdu.axes) === undefined) {
    throw new UserError(
      `${where} is not a two-dimensional image: NAXIS is ${hdu.axes.length} (${hdu.axes.join(' x ')})`,
      `give ${hdu.axes.length > 2 ? 'one plane of it' : 'the file with the pixels of the scan'} (a grey scan has NAXIS = 2), or choose another HDU with --hdu`,
    )
  }
  if (hdu.truncated) {
    const held = Math.max(0, file.sizeBytes - hdu.dataOffset)
    throw new UserError(
      `${where} is cut off: ${hdu.axes.join(' x ')} pixels need ${hdu.dataBytes} bytes, the file holds ${held}`,
      'copy or download the file again',
    )
  }
  return hdu
}

function imageSource(file: FitsFile, hdu: Hdu): ImageSource {
  const [width, height] = planeOf(hdu.axes)!
  const bitpix = hdu.bitpix as Bitpix
  const scaling = readScaling(hdu.header, bitpix)
  const rowBytes = (width * Math.abs(bitpix)) / 8
  let spare: Buffer | undefined // lent to one call at a time, so that strip after strip needs no new memory
  const readRows = async (y0: number, count: number): Promise<Float64Array> => {
    if (!(Number.isInteger(y0) && Number.isInteger(count) && y0 >= 0 && count >= 0 && y0 + count <= height)) {
      throw new RangeError(`rows ${y0} to ${y0 + count} of an image of ${height} rows`)
    }
    const length = count * rowBytes
    const own = spare !== undefined && spare.length >= length ? spare : Buffer.from(new ArrayBuffer(length))
    spare = undefined
    const bytes = own.subarray(0, length)
    const got = await readAt(file.handle, bytes, hdu.dataOffset + y0 * rowBytes)
    if (got < length) {
      throw new UserError(`${file.path} became shorter while it was read`, 'copy or download the file again')
    }
    const values = decodePixels(bytes, bitpix, scaling)
    spare = own
    return values
  }
  const problems = [...file.problems]
  if (bitpix === 64) problems.push('64-bit integers beyond 2^53 are rounded')
  const name = hdu.name === '' ? '' : ` (${hdu.name})`
  const description = `FITS image ${width} x ${height}, BITPIX ${bitpix}, HDU ${hdu.index}${name}`
  const { header, index: hduIndex } = hdu
  return {
    width,
    height,
    header,
    bitpix,
    hduIndex,
    description,
    readRows,
    problems,
    close: () => file.close(),
  }
}
