// Stage 2, scan → detections. SExtractor runs twice on the positive scan: a probe on a window in the middle learns how
// large the star images are, and the settings of the real run follow from that.
import type { Config } from '../config.ts'
import type { Detections } from '../detections.ts'
import type { FitsTable } from '../fits/table.ts'
import { type Reason, reason } from '../issues.ts'
import { quantile } from '../math/robust.ts'
import type { ProgramRun } from '../tools/run.ts'
import { runSextractor } from '../tools/sextractor.ts'
import { copyFrame, type Frame, meshFrame, middleWindow } from './extract/frame.ts'
import { adoptPlaces } from './extract/places.ts'
import { type ExtractSettings, probeSettings, settingsFor } from './extract/settings.ts'

export interface ExtractInput {
  /** Names of files in workDir, as the ingest stage left them. */
  positiveName: string
  weightName: string
  width: number
  height: number
  /** Where the positive scan clips or levels off, and whether that was seen. */
  statistics: { saturationLevel: number; saturationMeasured: boolean; pixelType: 'uint16' | 'float32' }
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
  const window = await inFrame(input, middleWindow(input.width, input.height, PROBE_PX), 'window')
  const probeWith = probeSettings(input)
  const probe = await runSextractor({ ...call, ...window, ...probeWith, name: 'probe' })
  const fwhmPx = starSize(probe.table)
  if (fwhmPx === undefined) {
    const none = adoptPlaces(probe.table, 1, { x0: 0, y0: 0, width: input.width, height: input.height })
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
  const frame = meshFrame(input.width, input.height, settings.meshPx)
  const framed = await inFrame(input, frame, 'framed')
  const real = await runSextractor({ ...call, ...settings, ...framed, name: 'extract' })
  const detections = adoptPlaces(real.table, fwhmPx, frame)
  const reasons = real.warnings
    .filter((text) => /overflow/i.test(text))
    .map((text) => reason('EXTRACT_OVERFLOW', `SExtractor: ${text}`, {}))
  return { detections, fwhmPx, settings, runs: [probe.run, real.run], reasons }
}

/** Larger windows teach the probe nothing more. */
const PROBE_PX = 3000

/** The scan and its weights in another frame, or as they are where the frame is the scan's own. */
async function inFrame(
  input: ExtractInput,
  frame: Frame,
  prefix: string,
): Promise<{ imageName: string; weightName: string }> {
  const { positiveName, weightName, width, height, workDir, signal } = input
  if (frame.width === width && frame.height === height) return { imageName: positiveName, weightName }
  const bitpix = input.statistics.pixelType === 'uint16' ? 16 : -32
  const common = { workDir, frame, signal }
  return {
    imageName: await copyFrame({ ...common, name: positiveName, outputName: `${prefix}.fits`, bitpix }),
    weightName: await copyFrame({
      ...common,
      name: weightName,
      outputName: `${prefix}-weight.fits`,
      bitpix: 8,
      marginValue: 0,
    }),
  }
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
