// The positive working scan that SExtractor reads, and its weights: stars bright, no blanks, every value as exact as it was.

import { join } from 'node:path'
import { throwIfCancelled } from '../../errors.ts'
import { createFitsImage, type ImageSource } from '../../fits/image.ts'
import type { AreaFinding } from './area.ts'
import { addLevels, type LevelHistogram, levelHistogram } from './saturation.ts'
import type { Survey } from './survey.ts'

const UINT16_MAX = 65535

/** How a value of the scan becomes one of the working scan: `factor · value + zero`. */
export interface Positive {
  factor: 1 | -1
  zero: number
  /** Whole numbers that fit into 16 bits stay whole numbers. */
  pixelType: 'uint16' | 'float32'
}

/**
 * v → max − v for a negative: exact, and free of the overflow of −v. Whole numbers below 0 are shifted to begin at 0;
 * all others keep their values.
 */
export function positiveOf(survey: Survey, invert: boolean): Positive {
  const range = invert ? survey.max - survey.min : survey.max - Math.min(0, survey.min)
  const pixelType = survey.wholeNumbers && range <= UINT16_MAX ? 'uint16' : 'float32'
  if (invert) return { factor: -1, zero: survey.max, pixelType }
  return { factor: 1, zero: pixelType === 'uint16' ? Math.max(0, -survey.min) : 0, pixelType }
}

export interface WorkingScan {
  positivePath: string
  weightPath: string
  /** Levels of the usable pixels above the sky. */
  histogram: LevelHistogram
}

/** Writes positive.fits and weight.fits into `workDir`, in strips of one block. */
export async function writeWorkingScan(
  scan: ImageSource,
  survey: Survey,
  finding: AreaFinding,
  positive: Positive,
  options: { workDir: string; signal?: AbortSignal | undefined },
): Promise<WorkingScan> {
  const { width, height } = scan
  const positivePath = join(options.workDir, 'positive.fits')
  const weightPath = join(options.workDir, 'weight.fits')
  const isWhole = positive.pixelType === 'uint16'
  const image = await createFitsImage(positivePath, {
    width,
    height,
    bitpix: isWhole ? 16 : -32,
    unsigned: isWhole,
    checksum: false,
  })
  const weight = await createFitsImage(weightPath, { width, height, bitpix: 8, checksum: false })
  const top = positive.factor * (positive.factor > 0 ? survey.max : survey.min) + positive.zero
  const histogram = levelHistogram(finding.skyLevel, top, isWhole)
  try {
    for (let blockRow = 0; blockRow < survey.blockRows; blockRow++) {
      throwIfCancelled(options.signal)
      const y0 = blockRow * survey.blockPx
      const rows = await scan.readRows(y0, Math.min(survey.blockPx, height - y0))
      const weights = convert(rows, blockRow, survey, finding, positive)
      addLevels(histogram, rows, weights)
      await image.writeRows(rows)
      await weight.writeRows(weights)
    }
    await image.close()
    await weight.close()
  } catch (error) {
    await image.discard()
    await weight.discard()
    throw error
  }
  return { positivePath, weightPath, histogram }
}

/** Turns a strip into positive values in place and returns its weights. */
function convert(
  rows: Float64Array,
  blockRow: number,
  survey: Survey,
  finding: AreaFinding,
  positive: Positive,
): Float64Array {
  const { width, blockPx, blockColumns } = survey
  const { area, skyAround } = finding
  const { factor, zero } = positive
  const weights = new Float64Array(rows.length)
  for (let y = 0; y * width < rows.length; y++) {
    for (let column = 0; column < blockColumns; column++) {
      const block = blockRow * blockColumns + column
      const fill = positive.pixelType === 'uint16' ? Math.round(skyAround[block]) : skyAround[block]
      const usable = area.usable[block]
      const end = y * width + Math.min(width, (column + 1) * blockPx)
      for (let i = y * width + column * blockPx; i < end; i++) {
        if (Number.isNaN(rows[i])) {
          rows[i] = fill
          continue
        }
        rows[i] = factor * rows[i] + zero
        weights[i] = usable
      }
    }
  }
  return weights
}
