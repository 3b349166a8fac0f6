// Stage 2, scan → detections. SExtractor runs twice on the positive scan: a probe on a window in the middle learns how
// large the star images are, and the settings of the real run follow from that.
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Detections } from '../detections.ts'
import { createFitsImage, openFitsImage } from '../fits/image.ts'
import type { FitsTable } from '../fits/table.ts'
import { type Reason, reason } from '../issues.ts'
import { quantile } from '../math/robust.ts'
import type { ProgramRun } from '../tools/run.ts'
import { runSextractor } from '../tools/sextractor.ts'
import { adoptPlaces } from './extract/places.ts'
import { type ExtractSettings, probeSettings, settingsFor } from './extract/settings.ts'

export interface ExtractInput {
  /** Names of files in workDir, as the ingest stage left them. */
  positiveName: string
  weightName: string
  width: number
  height: number
  /** Where the positive scan clips or levels off, and whether that was seen. */
  statistics: { saturationLevel: number; saturationMeasured: boolean }
  workDir: string
  signal: AbortSignal
}

export interface ExtractResult {
  detections: Detections
  /** Typical full width at half maximum of this plate's star images, px. */
  fwhmPx: number
  settings: ExtractSettings
  runs: ProgramRun[]
  reasons: Reason[]
}

/** Finds and measures everything that stands out of the sky. */
export async function extract(input: ExtractInput, config: Config): Promise<ExtractResult> {
  const call = {
    program: config.sextractor,
    workDir: input.workDir,
    timeoutSeconds: config.extractTime,
    signal: input.signal,
  }
  const window = await cutWindow(input)
  const probeWith = probeSettings(input)
  const probe = await runSextractor({ ...call, ...window, ...probeWith, name: 'probe' })
  const fwhmPx = starSize(probe.table)
  if (fwhmPx === undefined) {
    const none = adoptPlaces(probe.table, 1)
    const seen = reason(
      'NO_DETECTIONS',
      `SExtractor found ${none.length} objects, none of them like a star`,
      {
        detections: none.length,
      },
    )
    return { detections: none, fwhmPx: Number.NaN, settings: probeWith, runs: [probe.run], reasons: [seen] }
  }
  const settings = settingsFor(input, fwhmPx, config.detectSigma)
  const real = await runSextractor({
    ...call,
    ...settings,
    imageName: input.positiveName,
    weightName: input.weightName,
    name: 'extract',
  })
  const detections = adoptPlaces(real.table, fwhmPx)
  const reasons = real.warnings
    .filter((text) => /overflow/i.test(text))
    .map((text) => reason('EXTRACT_OVERFLOW', `SExtractor: ${text}`, {}))
  return { detections, fwhmPx, settings, runs: [probe.run, real.run], reasons }
}

/** Larger windows teach the probe nothing more. */
const PROBE_PX = 3000

/** The middle of the scan as a file of its own, or the scan itself where it is small. */
async function cutWindow(input: ExtractInput): Promise<{ imageName: string; weightName: string }> {
  const { width, height, workDir } = input
  if (width <= PROBE_PX && height <= PROBE_PX) {
    return { imageName: input.positiveName, weightName: input.weightName }
  }
  const w = Math.min(width, PROBE_PX)
  const h = Math.min(height, PROBE_PX)
  const x0 = (width - w) >> 1
  const y0 = (height - h) >> 1
  const cut = async (name: string, bitpix: -32 | 8): Promise<string> => {
    const source = await openFitsImage(join(workDir, name), {})
    const sink = await createFitsImage(join(workDir, `window-${name}`), { width: w, height: h, bitpix })
    const STRIP = 256
    for (let y = 0; y < h; y += STRIP) {
      const n = Math.min(STRIP, h - y)
      const rows = await source.readRows(y0 + y, n)
      const out = new Float64Array(n * w)
      for (let r = 0; r < n; r++) out.set(rows.subarray(r * width + x0, r * width + x0 + w), r * w)
      await sink.writeRows(out)
    }
    await sink.close()
    await source.close()
    return `window-${name}`
  }
  return { imageName: await cut(input.positiveName, -32), weightName: await cut(input.weightName, 8) }
}

const FEW = 5 // detections: below this a size means nothing

/**
 * The size of this plate's star images: the lower quartile of the widths of well-detected round objects. Stars of the
 * faint and middle magnitudes share one size, saturated ones and blends are wider, flaws are either narrower than
 * a pixel's neighbourhood or elongated.
 */
function starSize(table: FitsTable): number | undefined {
  const column = (name: string) => table.columns.find((c) => c.name === name)!.data as ArrayLike<number>
  const fwhm = column('FWHM_IMAGE')
  const ellipticity = column('ELLIPTICITY')
  const flags = column('FLAGS')
  const snr = column('SNR_WIN')
  const sizes: number[] = []
  for (let i = 0; i < table.rows; i++) {
    if (fwhm[i]! > 1 && ellipticity[i]! < 0.4 && flags[i]! < 2 && snr[i]! > 10) sizes.push(fwhm[i]!)
  }
  return sizes.length < FEW ? undefined : quantile(sizes, 0.25)
}
