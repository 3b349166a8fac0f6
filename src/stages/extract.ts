// Stage 2, scan → detections. SExtractor runs twice on the positive scan: a probe on a window in the middle learns how
// large the star images are, and the settings of the real run follow from that. Profile fits then improve the places.
import type { Config } from '../config.ts'
import type { Detections } from '../detections.ts'
import { imagesOfLight } from '../edges.ts'
import { type Reason, reason } from '../issues.ts'
import { quantile } from '../math/robust.ts'
import type { ProgramRun } from '../tools/run.ts'
import { runSextractor } from '../tools/sextractor.ts'
import { copyFrame, type Frame, meshFrame, middleWindow } from './extract/frame.ts'
import { adoptPlaces } from './extract/places.ts'
import { profilePlaces } from './extract/profile-places.ts'
import { type ExtractSettings, probeSettings, settingsFor } from './extract/settings.ts'

export interface ExtractInput {
  /** Names of files in workDir, as the ingest stage left them. */
  positiveName: string
  weightName: string
  width: number
  height: number
  /** Where the positive scan clips or levels off, and whether that was seen. */
  statistics: {
    min: number
    saturationLevel: number
    saturationMeasured: boolean
    pixelType: 'uint16' | 'float32'
  }
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
  const middle = middleWindow(input.width, input.height, PROBE_PX)
  const window = await inFrame(input, middle, 'window')
  const probeWith = probeSettings(input)
  const probe = await runSextractor({ ...call, ...window, ...probeWith, name: 'probe' })
  const probed = adoptPlaces(probe.table, DEFAULT_FWHM_PX, middle)
  const usualPx = usualWidth(probed)
  const fwhmPx = lightWidth(probed) ?? usualPx
  const offset = input.statistics.pixelType === 'uint16' ? -input.statistics.min : 0
  const settings = settingsFor(input, usualPx, config.detectSigma, offset)
  const frame = meshFrame(input.width, input.height, settings.meshPx)
  const framed = await inFrame(input, frame, 'framed', offset)
  const real = await runSextractor({ ...call, ...settings, ...framed, name: 'extract' })
  const placed = adoptPlaces(real.table, fwhmPx, frame)
  const found = { ...placed, background: placed.background.map((level) => level - offset) }
  const { saturationMeasured, saturationLevel } = input.statistics
  const detections = await profilePlaces({
    ...{ detections: found, workDir: input.workDir, fwhmPx, signal: input.signal },
    ...{ positiveName: input.positiveName, weightName: input.weightName },
    saturationLevel: saturationMeasured ? saturationLevel : undefined,
  })
  const none =
    detections.length > 0
      ? []
      : [reason('NO_DETECTIONS', 'SExtractor found nothing that stands out of the sky', { detections: 0 })]
  const overflows = real.warnings
    .filter((text) => /overflow/i.test(text))
    .map((text) => reason('EXTRACT_OVERFLOW', `SExtractor: ${text}`, {}))
  return { detections, fwhmPx, settings, runs: [probe.run, real.run], reasons: [...none, ...overflows] }
}

/** Larger windows teach the probe nothing more. */
const PROBE_PX = 3000

/** The scan and its weights in another frame, or as they are where the frame is the scan's own. */
async function inFrame(
  input: ExtractInput,
  frame: Frame,
  prefix: string,
  offset = 0,
): Promise<{ imageName: string; weightName: string }> {
  const { positiveName, weightName, width, height, workDir, signal } = input
  if (offset === 0 && frame.width === width && frame.height === height)
    return { imageName: positiveName, weightName }
  const bitpix = input.statistics.pixelType === 'uint16' ? 16 : -32
  const common = { workDir, frame, signal }
  return {
    imageName: await copyFrame({
      ...common,
      name: positiveName,
      outputName: `${prefix}.fits`,
      bitpix,
      offset,
    }),
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

/** Where nothing can be measured, a width that every scanner resolves. */
const DEFAULT_FWHM_PX = 3
const FWHM_PER_SIGMA = 2.3548 // of a Gaussian

/** The width of what light surely made, where specks are so many that the usual width is theirs. */
function lightWidth(d: Detections): number | undefined {
  const light = imagesOfLight(d)?.map((i) => d.fwhm[i]!)
  return light && quantile(light, 0.25)
}

/**
 * The size of this plate's star images: the lower quartile of the widths of well-detected round objects. Stars of the
 * faint and middle magnitudes share one size, saturated ones and blends are wider, flaws are either narrower than
 * a pixel's neighbourhood or elongated. Where nothing is round (trails, spectra), the widths across the images serve.
 *
 * SExtractor's settings follow it also where it is that of specks: the narrower filter finds fainter stars, and more specks,
 * which the artefact filter knows.
 */
function usualWidth(d: Detections): number {
  const sizes = (kept: (i: number) => boolean, size: (i: number) => number): number[] =>
    Array.from({ length: d.length }, (_, i) => i)
      .filter((i) => d.snrWin[i]! > 10 && size(i) > 1 && kept(i))
      .map(size)
  const round = sizes(
    (i) => d.ellipticity[i]! < 0.4 && d.sexFlags[i]! < 2,
    (i) => d.fwhm[i]!,
  )
  if (round.length >= FEW) return quantile(round, 0.25)
  const any = sizes(
    () => true,
    (i) => FWHM_PER_SIGMA * d.semiMinor[i]!,
  )
  return any.length >= FEW ? quantile(any, 0.25) : DEFAULT_FWHM_PX
}
