// Grey TIFF scans, 8 or 16 bit, as strips of rows. The `geotiff` package reads directories and undoes compression; bytes are
// read here, because a short file, a big-endian table and a big-endian predictor would go wrong there unnoticed
// (docs/decisions/tiff.md).
import { fromFile } from 'geotiff'
import { UserError } from '../errors.ts'
import { emptyHeader } from '../fits/header.ts'
import type { ImageSource } from '../fits/image.ts'
import { openForReading, readAt } from '../fits/io.ts'
import { rowReader, type TiffLayout } from './tiffrows.ts'

type Page = Awaited<ReturnType<Awaited<ReturnType<typeof fromFile>>['getImage']>>

const BLACK_IS_ZERO = 1
const MAX_PAGES = 100
const MAX_COMPRESSION = 2000 // LZW and Deflate reach 1000 to 1300 on a constant image
const PHOTOMETRIC = [
  'grey, white is zero',
  'grey',
  'colour (RGB)',
  'colour (palette)',
  'a mask',
  'colour (CMYK)',
]
const ORIENTATION_TOP_LEFT = 1
/** Losslessly coded, by code of tag 259. */
const COMPRESSIONS: Record<number, string> = {
  1: 'none',
  5: 'LZW',
  8: 'Deflate',
  32946: 'Deflate',
  32773: 'PackBits',
}
const SAVE_AS_GREY = 'save the scan as a grey TIFF of 8 or 16 bit without loss, or as FITS'

/** Is this the beginning of a TIFF file (or BigTIFF), little-endian or big-endian? */
export function looksLikeTiff(first: Uint8Array): boolean {
  const order = String.fromCharCode(first[0] ?? 0, first[1] ?? 0)
  const magic = order === 'MM' ? first[3] : first[2]
  return (order === 'II' || order === 'MM') && (magic === 42 || magic === 43)
}

/**
 * Opens page `page` of a TIFF file (0 is the first). Row 0 is the first stored row; the header is empty; values are as
 * stored. @throws UserError: colour, other than 8 or 16 bit unsigned, compression with loss, broken or cut off.
 */
export async function openTiff(path: string, options: { page?: number | undefined }): Promise<ImageSource> {
  const { handle, sizeBytes } = await openForReading(path)
  let tiff: Awaited<ReturnType<typeof fromFile>> | undefined
  const close = async () => {
    await handle.close()
    await tiff?.close()
  }
  try {
    const opened = await understood(path, () => fromFile(path))
    tiff = opened
    const index = options.page ?? 0
    const count = await understood(path, () => countPages(opened, index))
    if (!(index >= 0 && index < count)) {
      const pages = count === 1 ? '1 image' : `${count} images`
      throw new UserError(`${path} has no image ${index}; it holds ${pages}`, 'leave --hdu out for the first')
    }
    const page = await understood(path, () => opened.getImage(index))
    await understood(path, async () => refuseOther(path, page))
    const layout = await understood(path, () => readLayout(handle, page, sizeBytes))
    refuseTruncated(path, layout, sizeBytes)
    const { width, height, bitsPerSample: bitpix } = layout
    const description = `TIFF image ${width} x ${height}, ${bitpix} bit, ${COMPRESSIONS[layout.compression]}`
    const problems = await findOddities(page, count)
    const readRows = rowReader(path, layout)
    return {
      width,
      height,
      header: emptyHeader(),
      bitpix,
      hduIndex: index,
      description,
      readRows,
      problems,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** How many images there are, as far as it matters: a broken chain of directories may have no end. */
async function countPages(tiff: Awaited<ReturnType<typeof fromFile>>, wanted: number): Promise<number> {
  const enough = Math.min(Math.max(2, wanted + 1), MAX_PAGES)
  for (let count = 0; count < enough; count++) {
    try {
      await tiff.getImage(count)
    } catch (error) {
      if (count === 0) throw error
      return count
    }
  }
  return enough
}

/** What the library throws on a broken file says nothing to a user. */
async function understood<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(
      `${path} cannot be read as TIFF: its directory is broken or lies beyond the end of the file`,
      `copy or scan it again (${(error as Error).message})`,
    )
  }
}

function refuseOther(path: string, page: Page): void {
  const directory = page.fileDirectory
  const photometric = directory.getValue('PhotometricInterpretation') ?? BLACK_IS_ZERO
  const samples = page.getSamplesPerPixel()
  if (photometric > BLACK_IS_ZERO || samples !== 1) {
    const what = PHOTOMETRIC[photometric] ?? `of photometric type ${photometric}`
    const channels = samples === 1 ? '1 channel' : `${samples} channels`
    throw new UserError(`${path} is not a grey image: it is ${what} with ${channels} a pixel`, SAVE_AS_GREY)
  }
  const bits = page.getBitsPerSample()
  const format = page.getSampleFormat()
  if ((bits !== 8 && bits !== 16) || format !== 1) {
    const kind =
      format === 1 ? 'unsigned integers' : format === 2 ? 'signed integers' : 'floating-point numbers'
    throw new UserError(
      `${path} has ${bits}-bit ${kind}; 8 or 16-bit unsigned integers are read`,
      SAVE_AS_GREY,
    )
  }
  const compression = directory.getValue('Compression') ?? 1
  if (COMPRESSIONS[compression] === undefined) {
    throw new UserError(
      `${path} is compressed with the TIFF method ${compression}${compression === 7 ? ' (JPEG)' : ''}, which is not read`,
      SAVE_AS_GREY,
    )
  }
}

async function readLayout(handle: TiffLayout['handle'], page: Page, sizeBytes: number): Promise<TiffLayout> {
  const directory = page.fileDirectory
  const isTiled = page.isTiled
  const height = page.getHeight()
  return {
    handle,
    width: page.getWidth(),
    height,
    bitsPerSample: page.getBitsPerSample() as 8 | 16,
    littleEndian: page.littleEndian,
    compression: directory.getValue('Compression') ?? 1,
    predictor: Number((await directory.loadValue('Predictor')) ?? 1),
    isTiled,
    blockWidth: page.getTileWidth(),
    blockHeight: isTiled ? page.getTileHeight() : Math.min(height, page.getTileHeight()),
    offsets: await readTable({ handle, page, sizeBytes, tag: isTiled ? 324 : 273 }),
    byteCounts: await readTable({ handle, page, sizeBytes, tag: isTiled ? 325 : 279 }),
  }
}

interface TableOfPlaces {
  handle: TiffLayout['handle']
  page: Page
  sizeBytes: number
  tag: number
}

/** Offsets or byte counts. Long tables stand apart from the directory; the library reads those as little-endian always. */
async function readTable({ handle, page, sizeBytes, tag }: TableOfPlaces): Promise<number[]> {
  const directory = page.fileDirectory
  const apart = directory.deferredArrays.get(tag)
  if (apart === undefined) return Array.from((await directory.loadValue(tag)) as ArrayLike<number>, Number)
  const { arrayOffset, length, itemSize } = apart
  if (!(arrayOffset + length * itemSize <= sizeBytes)) throw new Error('the table of strips is cut off')
  const bytes = Buffer.alloc(length * itemSize)
  await readAt(handle, bytes, arrayOffset)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length }, (_, i) => {
    if (itemSize === 2) return view.getUint16(i * 2, page.littleEndian)
    if (itemSize === 4) return view.getUint32(i * 4, page.littleEndian)
    return Number(view.getBigUint64(i * 8, page.littleEndian))
  })
}

function refuseTruncated(path: string, layout: TiffLayout, sizeBytes: number): void {
  const { width, height, blockWidth, blockHeight, offsets, byteCounts } = layout
  const wanted = Math.ceil(width / blockWidth) * Math.ceil(height / blockHeight)
  let end = 0
  offsets.forEach((offset, i) => {
    end = Math.max(end, offset + (byteCounts[i] ?? Number.NaN))
  })
  const pixelBytes = (width * height * layout.bitsPerSample) / 8
  if (pixelBytes > MAX_COMPRESSION * sizeBytes) {
    throw new UserError(
      `${path} cannot be read as TIFF: ${width} x ${height} pixels cannot lie in its ${sizeBytes} bytes`,
      'copy or scan it again',
    )
  }
  if (offsets.length >= wanted && end <= sizeBytes) return
  const found =
    offsets.length < wanted
      ? `${offsets.length} of ${wanted} strips or tiles are there`
      : `its pixels reach to byte ${end}, the file has ${sizeBytes}`
  throw new UserError(`${path} is cut off: ${found}`, 'copy or scan it again')
}

async function findOddities(page: Page, pages: number): Promise<string[]> {
  const problems: string[] = []
  const directory = page.fileDirectory
  if (pages > 1) problems.push('the TIFF file holds more than one image; --hdu chooses, 0 is the first')
  if (directory.getValue('PhotometricInterpretation') === 0) {
    problems.push('the TIFF file says that white is zero; the values are taken as stored')
  }
  const orientation = Number((await directory.loadValue('Orientation')) ?? ORIENTATION_TOP_LEFT)
  if (orientation !== ORIENTATION_TOP_LEFT) {
    problems.push(
      `the TIFF file asks to be turned or mirrored for display (Orientation ${orientation}); it is not`,
    )
  }
  return problems
}
