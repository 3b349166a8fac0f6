// SExtractor's settings for one plate: everything scales with the scan and with the plate's own star images.
import type { ExtractInput } from '../extract.ts'

export interface ExtractSettings {
  settings: Record<string, string | number>
  kernel: number[][]
  /** Side of a background mesh; odd. */
  meshPx: number
}

/** What does not depend on the plate. */
const COMMON = {
  // CCD mode on the inverted scan: PHOTO mode aborts on 16-bit scans with the default MAG_GAMMA.
  DETECT_TYPE: 'CCD',
  MAG_ZEROPOINT: 0,
  GAIN: 0, // a density is no photon count: no shot noise is assumed
  // A photographic image is flat on top and saturated: a companion holds little of the blend's light. On the four
  // SuperCOSMOS fields, 64 levels and this contrast find 96-100 % of the single stars there, the defaults 82-97 %.
  DEBLEND_NTHRESH: 64,
  DEBLEND_MINCONT: 0.00025,
  CLEAN: 'Y',
  CLEAN_PARAM: 1.5,
  MASK_TYPE: 'CORRECT',
  PHOT_AUTOPARAMS: '2.5,3.5',
  BACKPHOTO_TYPE: 'GLOBAL',
  CHECKIMAGE_TYPE: 'NONE',
} as const

type Scan = Pick<ExtractInput, 'width' | 'height' | 'statistics'>

/** The probe knows only the scan: a broad mesh and a high threshold. */
export function probeSettings(scan: Scan): ExtractSettings {
  const meshPx = oddStep(clamp(Math.min(scan.width, scan.height) / 12, 25, 255))
  return {
    settings: {
      ...COMMON,
      ...memory(scan),
      ...saturation(scan),
      ...background(meshPx),
      DETECT_MINAREA: 5,
      DETECT_THRESH: 4,
      ANALYSIS_THRESH: 4,
    },
    kernel: gaussianKernel(1.5),
    meshPx,
  }
}

/** A mesh must be many star images wide, or it takes the bright stars for sky; and narrow enough for vignetting. */
const MESH_FWHM = 24

/** @param measuredFwhmPx  typical width of a star image */
export function settingsFor(
  scan: Scan,
  measuredFwhmPx: number,
  detectSigma: number,
  offset: number,
): ExtractSettings {
  const short = Math.min(scan.width, scan.height)
  const fwhmPx = inSteps(measuredFwhmPx)
  const meshPx = oddStep(clamp(MESH_FWHM * fwhmPx, 25, Math.max(25, short / 3)))
  return {
    settings: {
      ...COMMON,
      ...memory(scan),
      ...saturation(scan, offset),
      ...background(meshPx),
      // About the area above half maximum of the narrowest star: smaller ones are noise.
      DETECT_MINAREA: clamp(Math.round(0.5 * fwhmPx * fwhmPx), 4, 60),
      DETECT_THRESH: detectSigma,
      ANALYSIS_THRESH: detectSigma,
      SEEING_FWHM: fwhmPx.toFixed(3),
    },
    kernel: gaussianKernel(KERNEL_SHARE * Math.min(fwhmPx, MAX_KERNEL_FWHM)),
    meshPx,
  }
}

/** Narrower than the matched filter, which merges close pairs. */
const KERNEL_SHARE = 0.7
const MAX_KERNEL_FWHM = 8 // px: beyond it the convolution costs more than the detection gains

function background(mesh: number): Record<string, string | number> {
  return { BACK_SIZE: mesh, BACK_FILTERSIZE: 3 }
}

const NEVER = 1e20 // a level that no scan has

/** Bright images reach the plateau of the scan: marked, not dropped. */
function saturation(scan: Scan, offset = 0): Record<string, string | number> {
  const { saturationMeasured, saturationLevel } = scan.statistics
  return { SATUR_LEVEL: saturationMeasured ? saturationLevel + offset : NEVER }
}

/** Buffers in rows and pixels, within the limits of SExtractor (domain knowledge: PIXSTACK ≤ 1e8, OBJSTACK ≤ 65536). */
function memory(scan: Scan): Record<string, string | number> {
  const pixels = scan.width * scan.height
  return {
    MEMORY_PIXSTACK: clamp(Math.round(pixels / 4), 300_000, 1e8),
    MEMORY_OBJSTACK: 65_000,
    MEMORY_BUFSIZE: clamp(Math.round(scan.height / 8), 1024, 4096),
  }
}

/** Settings move in steps of 5 %, so that two scans of one plate, whose widths differ by a hair, get the same ones. */
function inSteps(value: number): number {
  return 1.05 ** Math.round(Math.log(value) / Math.log(1.05))
}

/** The odd number nearest to a size in steps. */
function oddStep(size: number): number {
  return 2 * Math.round((inSteps(size) - 1) / 2) + 1
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}

/** A Gaussian of the given width, cut at one and a half times it: the matched filter of a star image. */
function gaussianKernel(fwhmPx: number): number[][] {
  const reach = Math.max(1, Math.min(4, Math.ceil(fwhmPx * 0.75)))
  const variance = (fwhmPx / 2.3548) ** 2
  const side = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach)
  return side.map((y) => side.map((x) => Number(Math.exp(-(x * x + y * y) / (2 * variance)).toFixed(6))))
}
