// Small images written and read strip by strip, for tests.
import { createFitsImage, openFitsImage } from '../../src/fits/image.ts'
import type { NewImage } from '../../src/fits/imagesink.ts'

export async function writeImage(
  path: string,
  image: NewImage,
  values: number[],
  stripRows = 1,
): Promise<string> {
  const sink = await createFitsImage(path, image)
  const step = stripRows * image.width
  for (let at = 0; at < values.length; at += step) {
    await sink.writeRows(Float64Array.from(values.slice(at, at + step)))
  }
  await sink.close()
  return path
}

export async function readImage(path: string, stripRows: number, hdu?: number): Promise<number[]> {
  const source = await openFitsImage(path, { hdu })
  const values: number[] = []
  for (let y = 0; y < source.height; y += stripRows) {
    values.push(...(await source.readRows(y, Math.min(stripRows, source.height - y))))
  }
  await source.close()
  return values
}
