// Out of focus: the light of each star fills a disc, or a ring, of one size, whatever its brightness, that ends as sharply
// as a point of light is wide. Saturated stars are flat on top too, but of all sizes; so are specks of dust.
import { type Reason, reason } from '../../issues.ts'
import { median } from '../../math/robust.ts'
import type { TriageInput } from '../triage.ts'
import { type RoundImage, roundImages } from './round-images.ts'

/** Cells of the thumbnail: of smaller images the edge cannot be told. */
const LEAST_RADIUS = 3.2
/** Light in the skirt over the light within: stars below saturation have 0.5 to 0.8, discs of three image widths 0.4. */
const SHARP = 0.47
const SOFT = 0.5
/** Part of the highest level: what is higher may be saturated, and is flat for that. */
const MIDDLING = 0.6
const SHARPEST = 0.22 // no saturated star is as sharp
const RING = 0.75 // level of the middle
const ONE_SIZE = 1.2 // greatest over smallest radius of those that are alike
const FEWEST = 8
/** Of the images with sharp edges: the sizes of specks follow a power law, and most of them are small. */
const SPECK_RADIUS = 5 // cells
const LEAST_OF_SHARP = { small: 0.7, large: 0.5 }
/** Of these and the soft ones that are not much wider. */
const LEAST_OF_ALL = 0.6
const NOT_MUCH_WIDER = 1.5
const HALF = 0.5

export function outOfFocus({ sky, fwhmPx }: Pick<TriageInput, 'sky' | 'fwhmPx'>): Reason | undefined {
  const { top, bySize } = roundImages(sky)
  const found = bySize
    .map(({ half, images }) => discsAmong(images, top, Math.max(LEAST_RADIUS, 1.1 * half)))
    .filter((discs) => discs.areDiscs)
    .sort((a, b) => b.alike.length - a.alike.length)[0]
  if (found === undefined) return undefined
  const { alike, sharp } = found
  const diameter = 2 * median(alike.map(({ radius }) => radius)) * sky.thumbnail.cellPx
  const middle = median(alike.map((image) => image.middle))
  const skirt = median(alike.map((image) => image.skirt))
  const text =
    `${alike.length} of ${sharp} round images with sharp edges are ${middle < RING ? 'rings' : 'discs'} of one size, ` +
    `${diameter.toFixed(0)} px, whatever their brightness (light in the skirt ${skirt.toFixed(2)} of that within, ` +
    `middle ${middle.toFixed(2)} of the height)`
  return reason('OUT_OF_FOCUS', text, {
    ...{ diameter_px: diameter, skirt, middle, images: alike.length, examined: sharp },
    fwhm_px: fwhmPx,
  })
}

/** The most sharp ones that are alike in size, and whether they are what this plate's stars look like. */
function discsAmong(images: readonly RoundImage[], top: number, leastRadius: number) {
  const large = images.filter(({ radius }) => radius >= leastRadius)
  const isMiddling = ({ height }: RoundImage) => height < MIDDLING * top
  const sharp = large.filter(
    (image) => image.middle < RING || (image.skirt < SHARP && (isMiddling(image) || image.skirt < SHARPEST)),
  )
  let alike: RoundImage[] = []
  for (const { radius } of sharp) {
    const near = sharp.filter((other) => other.radius >= radius && other.radius < ONE_SIZE * radius)
    if (near.length > alike.length) alike = near
  }
  const radius = alike.length > 0 ? median(alike.map((image) => image.radius)) : 0
  const soft = large.filter(
    (image) => isMiddling(image) && image.skirt >= SOFT && image.radius < NOT_MUCH_WIDER * radius,
  )
  // Where most of the alike ones may be saturated, the others of that height are counted too.
  const others =
    alike.filter(isMiddling).length < HALF * alike.length ? large.length - alike.length : soft.length
  const part = radius < SPECK_RADIUS ? LEAST_OF_SHARP.small : LEAST_OF_SHARP.large
  const areDiscs =
    alike.length >= FEWEST &&
    alike.length >= part * sharp.length &&
    alike.length >= LEAST_OF_ALL * (alike.length + others)
  return { alike, sharp: sharp.length, areDiscs }
}
