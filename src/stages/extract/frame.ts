// Copies of the working scan with another frame: a window cut from its middle, or a margin put around it.
import { join } from 'node:path'
import { throwIfCancelled } from '../../errors.ts'
import { createFitsImage, openFitsImage } from '../../fits/image.ts'

/** The part of the scan that a copy shows: pixels from (x0, y0), counted from 0; beyond the scan it is a margin. */
export interface Frame {
  x0: number
  y0: number
  width: number
  height: number
}

const STRIP_ROWS = 256

/** A window of at most `maxPx` a side in the middle of the scan. */
export function middleWindow(width: number, height: number, maxPx: number): Frame {
  const w = Math.min(width, maxPx)
  const h = Math.min(height, maxPx)
  return { x0: (width - w) >> 1, y0: (height - h) >> 1, width: w, height: h }
}

/**
 * The scan with equal margins on opposite sides, so that whole meshes cover it. SExtractor lays its background meshes
 * from the first pixel and leaves a narrower one at the far side: on a scan that is mirrored or turned the sky would
 * differ, and with it the places (on M67 by 5 mas in the median). `mesh` must be odd, so that one of two counts fits.
 */
export function meshFrame(width: number, height: number, mesh: number): Frame {
  const margin = (size: number): number => {
    const meshes = Math.ceil(size / mesh)
    const spare = meshes * mesh - size
    return spare % 2 === 0 ? spare / 2 : (spare + mesh) / 2
  }
  const mx = margin(width)
  const my = margin(height)
  return { x0: -mx, y0: -my, width: width + 2 * mx, height: height + 2 * my }
}

export interface CopyInput {
  workDir: string
  name: string
  outputName: string
  frame: Frame
  /** Bits of the copy; unsigned where it is an integer. */
  bitpix: 8 | 16 | -32
  /** Added to every value: a scan whose lowest level becomes 0 is the same to the bit as its negative, turned positive. */
  offset?: number | undefined
  /** What the margin holds; undefined: the scan's nearest pixel. */
  marginValue?: number | undefined
  signal: AbortSignal
}

/** Writes the copy in strips, and returns its name. */
export async function copyFrame(input: CopyInput): Promise<string> {
  const { frame, bitpix, workDir, outputName, marginValue, offset = 0 } = input
  const source = await openFitsImage(join(workDir, input.name), {})
  try {
    const { width, height } = source
    const sink = await createFitsImage(join(workDir, outputName), {
      width: frame.width,
      height: frame.height,
      bitpix,
      unsigned: bitpix === 16,
      checksum: false,
    })
    for (let at = 0; at < frame.height; at += STRIP_ROWS) {
      throwIfCancelled(input.signal)
      const count = Math.min(STRIP_ROWS, frame.height - at)
      const clampRow = (row: number) => Math.min(height - 1, Math.max(0, row))
      const first = clampRow(frame.y0 + at)
      const last = clampRow(frame.y0 + at + count - 1)
      const rows = await source.readRows(first, last - first + 1)
      const out = new Float64Array(count * frame.width)
      for (let r = 0; r < count; r++) {
        const row = frame.y0 + at + r
        const from = (clampRow(row) - first) * width
        const inside = row >= 0 && row < height
        for (let c = 0; c < frame.width; c++) {
          const column = frame.x0 + c
          const onScan = inside && column >= 0 && column < width
          const nearest = rows[from + Math.min(width - 1, Math.max(0, column))]!
          out[r * frame.width + c] = onScan || marginValue === undefined ? nearest + offset : marginValue
        }
      }
      await sink.writeRows(out)
    }
    await sink.close()
  } finally {
    await source.close()
  }
  return outputName
}
