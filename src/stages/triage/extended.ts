// What fills a plate besides stars: cloud, the Moon, a planet, a comet. A saturated star has a core of a few image widths
// and falls off slowly; labels and stains are not round; vignetting and fog are smooth.
import type { Detections } from '../../detections.ts'
import { type Reason, reason } from '../../issues.ts'
import { quantile } from '../../math/robust.ts'
import { type BrightRegion, brightRegions, brightShare, HIGH_CUT } from './bright-regions.ts'
import { type Comet, cometsOn } from './comet.ts'
import { ringAbout } from './polar.ts'
import { departures, type Sky, type SkyMap, skyMap } from './sky-map.ts'

export interface ExtendedInput {
  sky: Sky
  detections: Pick<Detections, 'length' | 'x' | 'y'>
  fwhmPx: number
  /** Where it is known. */
  scaleArcsecPerPx: number | null
}

// A disc ends as sharply as an image does; the images of stars end in a slope of their own size (r75/r50 is 0.4 to 0.7).
const SHARP_EDGE = 0.85
const DISC_FWHM = 8 // image widths in its radius: smaller ones may be stars, or grains of dust
const DISC_SHARE = 0.0015
const DISC_AXIS_RATIO = 0.88
const DISC_FULLNESS = 0.72 // a square fills 0.64 of the disc around it
const DISC_HEIGHT = 0.7

/**
 * An overexposed disc is lost in its glow on a scan of transmission: all is black there. Bright stars have a blackened middle
 * that is narrower beside their halo: 0.3 of its radius at most on the plates tried.
 */
const BLACK_FWHM = 9
const BLACK_SHARE = 0.0085
/** Where the region goes on beyond the border, stains and haloes cannot be told from their shape. */
const BLACK_CUT_FWHM = 25
const BLACK_HEIGHT = 0.9
const BLACK_PART = [0.36, 0.8] as const // spots of ink have no glow
const LARGE_PART = 0.28 // of the Moon where its glow is wide
const LARGE_FWHM = 12 // no blackened star is as large
const BLACK_AXIS_RATIO = 0.8
const BLACK_FULLNESS = 0.5

/** Its rim: 0.84 to 0.95 on discs, 0.55 to 0.76 on blackened stars. */
const RIM_SHARP = 0.8
const INSIDE = [0.8, 0.95] as const // of r90
const OUTSIDE = [1.05, 1.2] as const // of r75
const RIM_BLACK = 0.9 // of its height: clusters on many exposures reach 0.88
const RIM_GLOW = [0.2, 0.8] as const

/** Of the plate, and of its longer side, in the blackened radius. */
const MOON_SHARE = 0.05
const MOON_SIDE = 0.13
const MOON_AXIS_RATIO = 0.83
const MOON_FULLNESS = 0.55
/** Its diameter is 0.52°; a radius that is seen at its edge includes the blur of the edge, and no glow was taken off. */
const MOON_DEG = { least: 0.43, most: 0.58, mostSharp: 0.66 }
/** Above this r75/r25 the edge of the disc is seen; else the glow adds a fifth to its radius. */
const EDGE_SEEN = 0.7
const GLOW = 1.2

/**
 * Width of the middle half of the sky's departures from a smooth one, in the noise of a pixel: 0.3 to 3 on plates of stars,
 * 3.5 on the plate of Orion and 4 on that of the Horsehead, which still can be reduced.
 */
const CLOUD = 6
/** So many are enough where as much of the plate as this is far brighter than the sky. */
const CLOUD_OVER_MUCH = 3.8
const MUCH = 0.25
/** A region that is far brighter than the sky over so much of the plate is cloud too, if it is no object and not round as a halo. */
const CLOUD_SHARE = 0.08 // planets and comets reach 0.06
const CLOUD_AXIS_RATIO = 0.8
/** Blocks that depart by more than this many σ are called cloud in the text. */
const CLOUD_SIGMAS = 3

export function extendedObjects(input: ExtendedInput): Reason[] {
  const map = skyMap(input.sky)
  if (map === undefined) return []
  const { columns, rows, cellPx } = input.sky.thumbnail
  const area = columns * rows * cellPx ** 2
  const comet = cometsOn(input.sky, map, input.fwhmPx)
    .map((found) => onPlate(found, cellPx))
    .find((found) => !isCluster(found, input.detections, area))
  if (comet !== undefined) return [cometReason(comet, input.fwhmPx)]
  const all = brightRegions(input.sky, map)
  const regions = all.filter((region) => !isCluster(region, input.detections, area))
  const moon = regions.find((region) => isMoon(region, input))
  if (moon !== undefined) return [moonReason(moon)]
  const dark = darkMoon(input)
  if (dark !== undefined) return [darkMoonReason(dark)]
  const disc = regions.find((region) => isDisc(region, input.fwhmPx))
  if (disc !== undefined) return [objectReason(disc, 'disc with a sharp edge, as of a planet', input.fwhmPx)]
  // No cluster has such a rim, but mould beside a planet is as dense as one.
  const overexposed = all.find((region) => isGlowingDisc(region, input, map))
  if (overexposed !== undefined)
    return [objectReason(overexposed, 'blackened disc with its glow', input.fwhmPx)]
  const alone = regions.filter((region) => !isOneOfMany(region, all))
  const black = alone.find((region) => isBlack(region, input.fwhmPx))
  if (black !== undefined) return [objectReason(black, 'blackened disc with its glow', input.fwhmPx)]
  const uneven = unevenSky(map)
  if (uneven !== undefined) return [uneven]
  const cloud = regions.find(isCloud)
  return cloud === undefined ? [] : [cloudReason(cloud)]
}

const isCloud = ({ above, share, axisRatio }: BrightRegion): boolean =>
  above === HIGH_CUT && share >= CLOUD_SHARE && axisRatio < CLOUD_AXIS_RATIO

// In the outer part of a bright object few stars are detected; the middle of a cluster is full of them.
const OUTER = [0.6, 1] as const // of its radius at half its height
const ELSEWHERE = 2.5
const CLUSTERED = 0.6 // density there over that elsewhere: 0 to 0.5 about objects, 0.7 to 2.1 in clusters
const LEAST_CLUSTERED = 10

function isCluster(
  { x, y, r50 }: Pick<BrightRegion, 'x' | 'y' | 'r50'>,
  d: ExtendedInput['detections'],
  area: number,
): boolean {
  if (!(r50 > 0)) return false
  let [outer, elsewhere] = [0, 0]
  for (let i = 0; i < d.length; i++) {
    const apart = Math.hypot(d.x[i]! - x, d.y[i]! - y) / r50
    if (apart >= OUTER[0] && apart < OUTER[1]) outer++
    else if (apart > ELSEWHERE) elsewhere++
  }
  const disc = (radii: number) => Math.PI * (radii * r50) ** 2
  const density = outer / (disc(OUTER[1]) - disc(OUTER[0]))
  return outer >= LEAST_CLUSTERED && density > (CLUSTERED * elsewhere) / Math.max(1, area - disc(ELSEWHERE))
}

const ALIKE = 0.45 // of the radii
const ALIKE_HEIGHT = 0.8
const HALO = 1.2 // r25 over r50: the edges of labels are sharper

/** The brightest stars of a crowded plate are as large as a planet, but none stands out among them. */
function isOneOfMany(own: BrightRegion, regions: readonly BrightRegion[]): boolean {
  return regions.some(
    (other) =>
      Math.hypot(other.x - own.x, other.y - own.y) > own.r50 &&
      other.height >= ALIKE_HEIGHT &&
      other.r50 >= ALIKE * own.r50 &&
      other.r90 >= ALIKE * own.r90 &&
      other.r25 >= HALO * other.r50,
  )
}

function isDisc(r: BrightRegion, fwhmPx: number): boolean {
  return (
    r.r75 >= SHARP_EDGE * r.r50 &&
    r.r50 >= DISC_FWHM * fwhmPx &&
    r.share >= DISC_SHARE &&
    r.axisRatio >= DISC_AXIS_RATIO &&
    r.fullness >= DISC_FULLNESS &&
    r.height >= DISC_HEIGHT
  )
}

function isBlack(r: BrightRegion, fwhmPx: number): boolean {
  return (
    r.r90 >= (r.isCut ? BLACK_CUT_FWHM : BLACK_FWHM) * fwhmPx &&
    r.share >= BLACK_SHARE &&
    r.r90 >= (r.r90 >= LARGE_FWHM * fwhmPx ? LARGE_PART : BLACK_PART[0]) * r.r25 &&
    r.r90 <= BLACK_PART[1] * r.r25 &&
    r.height >= BLACK_HEIGHT &&
    r.axisRatio >= BLACK_AXIS_RATIO &&
    r.fullness >= BLACK_FULLNESS
  )
}

/** Seen along its rim, whatever stars the region runs into. A label has no glow, and the edge of a star none so sharp. */
function isGlowingDisc(r: BrightRegion, { sky, fwhmPx }: ExtendedInput, map: SkyMap): boolean {
  const hasSize = r.r90 >= BLACK_FWHM * fwhmPx && r.share >= DISC_SHARE && r.height >= BLACK_HEIGHT
  if (!hasSize || r.r90 < RIM_SHARP * r.r75) return false
  const { cellPx } = sky.thumbnail
  const [x, y] = [(r.x - 0.5) / cellPx - 0.5, (r.y - 0.5) / cellPx - 0.5]
  const ring = ([from, to]: readonly [number, number], radius: number) =>
    ringAbout(sky.thumbnail, x, y, (from * radius) / cellPx, (to * radius) / cellPx).map(
      (level) => (level - map.sky) / (r.height * (map.top - map.sky)),
    )
  const [inside, outside] = [ring(INSIDE, r.r90), ring(OUTSIDE, r.r75)]
  const glow = quantile(outside, 0.5)
  const isRound = quantile(inside, 0.1) >= RIM_BLACK && quantile(outside, 0.9) <= RIM_GLOW[1]
  return isRound && glow >= RIM_GLOW[0]
}

function isMoon(r: BrightRegion, { sky, fwhmPx, scaleArcsecPerPx }: ExtendedInput): boolean {
  const isSharp = r.r75 >= EDGE_SEEN * r.r25 && r.height >= DISC_HEIGHT && r.r90 >= DISC_FWHM * fwhmPx
  if (!isBlack(r, fwhmPx) && !isSharp && !isDisc(r, fwhmPx)) return false
  if (r.axisRatio < MOON_AXIS_RATIO || r.fullness < MOON_FULLNESS) return false
  const { columns, rows, cellPx } = sky.thumbnail
  if (scaleArcsecPerPx === null)
    return r.share >= MOON_SHARE && r.r90 >= MOON_SIDE * Math.max(columns, rows) * cellPx
  const radius = isSharp ? r.r75 : r.r90 / GLOW
  const diameterDeg = (2 * radius * scaleArcsecPerPx) / 3600
  return diameterDeg >= MOON_DEG.least && diameterDeg <= (isSharp ? MOON_DEG.mostSharp : MOON_DEG.most)
}

/** Beside the Moon a few stars do not tell which side of the sky is light: it may stand there as a dark disc. */
function darkMoon(input: ExtendedInput): BrightRegion | undefined {
  const { thumbnail } = input.sky
  const sky = { ...input.sky, thumbnail: { ...thumbnail, levels: thumbnail.levels.map((level) => -level) } }
  const map = skyMap(sky)
  if (map === undefined) return undefined
  return brightRegions(sky, map).find((region) => isMoon(region, { ...input, sky }))
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`

function moonReason(r: BrightRegion): Reason {
  const text =
    `a blackened disc of ${(2 * r.r75).toFixed(0)} px about (${r.x.toFixed(0)}, ${r.y.toFixed(0)}) and its glow cover ` +
    `${percent(r.share)} of the plate`
  return reason('MOON', text, { ...evidenceOf(r) })
}

function darkMoonReason(r: BrightRegion): Reason {
  const text =
    `a disc of ${(2 * r.r75).toFixed(0)} px about (${r.x.toFixed(0)}, ${r.y.toFixed(0)}) that is darker than the sky, with its glow: ` +
    'the Moon, on a scan whose polarity was taken the wrong way'
  return reason('MOON', text, { ...evidenceOf(r), inverted: true })
}

function objectReason(r: BrightRegion, what: string, fwhmPx: number): Reason {
  const widths = (2 * r.r50) / fwhmPx
  const text =
    `a ${what}, about (${r.x.toFixed(0)}, ${r.y.toFixed(0)}): ${(2 * r.r50).toFixed(0)} px or ${widths.toFixed(0)} image widths ` +
    `across at half its height, ${percent(r.share)} of the plate`
  return reason('BRIGHT_OBJECT', text, { ...evidenceOf(r), image_widths: widths })
}

interface CometOnPlate {
  x: number
  y: number
  r50: number
  tailDeg: number
  contrast: number
}

/** In px (FITS). */
function onPlate({ x, y, radius, tailDeg, contrast }: Comet, cellPx: number): CometOnPlate {
  return { x: (x + 0.5) * cellPx + 0.5, y: (y + 0.5) * cellPx + 0.5, r50: radius * cellPx, tailDeg, contrast }
}

function cometReason({ x, y, r50, tailDeg, contrast }: CometOnPlate, fwhmPx: number): Reason {
  const widths = (2 * r50) / fwhmPx
  const text =
    `a diffuse object with a tail, as of a comet, about (${x.toFixed(0)}, ${y.toFixed(0)}): ${(2 * r50).toFixed(0)} px or ` +
    `${widths.toFixed(0)} image widths across at half its height; the tail, along ${tailDeg.toFixed(0)}° from +x, is ` +
    `${(100 * contrast).toFixed(0)} % of it above its sides`
  const evidence = {
    x,
    y,
    diameter_px: 2 * r50,
    image_widths: widths,
    tail_deg: tailDeg,
    tail_contrast: contrast,
  }
  return reason('BRIGHT_OBJECT', text, evidence)
}

function evidenceOf(r: BrightRegion) {
  return {
    x: r.x,
    y: r.y,
    share: r.share,
    diameter_px: 2 * r.r50,
    axis_ratio: r.axisRatio,
    edge: r.r75 / r.r50,
  }
}

function cloudReason(r: BrightRegion): Reason {
  const text = `light without stars about (${r.x.toFixed(0)}, ${r.y.toFixed(0)}) covers ${percent(r.share)} of the plate`
  return reason('NEBULA', text, { ...evidenceOf(r) })
}

function unevenSky(map: SkyMap): Reason | undefined {
  const off = departures(map)
  if (off.length === 0) return undefined
  const spread = (quantile(off, 0.75) - quantile(off, 0.25)) / map.noise
  const least = brightShare(map) >= MUCH ? CLOUD_OVER_MUCH : CLOUD
  if (!(spread >= least)) return undefined
  const share = off.filter((v) => Math.abs(v) > CLOUD_SIGMAS * map.noise).length / off.length
  const text =
    `the sky departs from a smooth one by more than ${CLOUD_SIGMAS} σ of a pixel over ${percent(share)} of the plate; the middle ` +
    `half of its departures spans ${spread.toFixed(1)} σ, where ${least} is the most of a plate of stars`
  return reason('NEBULA', text, { share, departure_sigmas: spread })
}
