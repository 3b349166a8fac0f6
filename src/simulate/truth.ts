// The truth beside a simulated plate: the table of images with the plate constants, and the table of artefacts.
import { addCommentary, type CardValue, emptyHeader, type Header, setCard } from '../fits/header.ts'
import type { TableColumn } from '../fits/table.ts'
import type { Blending } from './blending.ts'
import type { PlateFrame } from './frame.ts'
import { focalLengthMm, type PlateConstants } from './geometry.ts'
import type { Exposure, StarImage } from './images.ts'
import type { Mark } from './marks.ts'
import type { Rendition } from './rendition.ts'
import { tileEdges } from './scanner.ts'

function column(
  name: string,
  format: string,
  data: TableColumn['data'],
  comment: string,
  unit?: string,
): TableColumn {
  return { name, format, data, repeat: 1, comment, unit }
}

const float = (images: readonly StarImage[], value: (image: StarImage) => number) =>
  Float64Array.from(images, value)

export function truthColumns(
  plate: { images: readonly StarImage[]; rendition: Rendition; blending: Blending },
  exposures: readonly Exposure[],
): TableColumn[] {
  const { images, rendition, blending } = plate
  const ids = BigInt64Array.from(images, (image) => image.star.sourceId)
  return [
    column('source_id', 'K', ids, 'id in the reference file'),
    column(
      'exposure',
      'J',
      Int32Array.from(images, (image) => image.exposure),
      'exposure, from 0',
    ),
    column(
      'x',
      'D',
      float(images, (i) => i.x),
      'true optical place, FITS pixels',
      'pixel',
    ),
    column(
      'y',
      'D',
      float(images, (i) => i.y),
      'true optical place, FITS pixels',
      'pixel',
    ),
    column(
      'x_image',
      'D',
      float(images, (i) => i.xImage),
      'place with the jitter of the emulsion',
      'pixel',
    ),
    column(
      'y_image',
      'D',
      float(images, (i) => i.yImage),
      'place with the jitter of the emulsion',
      'pixel',
    ),
    column(
      'ra',
      'D',
      float(images, (i) => i.raDeg),
      'at the epoch of the exposure, ICRS',
      'deg',
    ),
    column(
      'dec',
      'D',
      float(images, (i) => i.decDeg),
      'at the epoch of the exposure, ICRS',
      'deg',
    ),
    column(
      'mag',
      'D',
      float(images, (i) => i.mag),
      'plate magnitude in this exposure',
      'mag',
    ),
    column(
      'phot_g_mean_mag',
      'D',
      float(images, (i) => i.star.gMag),
      'G',
      'mag',
    ),
    column(
      'bp_rp',
      'D',
      float(images, (i) => i.star.bpRp),
      'colour',
      'mag',
    ),
    column('peak', 'D', rendition.peak, 'noise-free height above the sky', 'adu'),
    column('peak_density', 'D', rendition.peakDensity, 'noise-free density at the top'),
    column('saturated', 'L', rendition.saturated, 'flat-topped in the scan'),
    column('on_plate', 'L', rendition.onPlate, 'within the scan and the exposed area'),
    column('neighbour_px', 'D', blending.neighbourPx, 'distance to the nearest image that matters', 'pixel'),
    column('blended', 'L', blending.blended, 'touches a neighbour'),
    column(
      'order',
      'J',
      Int32Array.from(images, (i) => exposures[i.exposure]!.order),
      'of a grating: 0 direct image, 1 and -1 beside it',
    ),
  ]
}

export function truthHeader(constants: PlateConstants, { width, height, epochYr }: PlateFrame): Header {
  const header = emptyHeader()
  type Card = [string, CardValue, string]
  const cards: Card[] = [
    ['SEED', constants.seed, 'seed of the simulation'],
    ['EPOCHYR', epochYr, '[yr] Julian epoch of the first exposure'],
    ['RA0', constants.raDeg, '[deg] tangent point'],
    ['DEC0', constants.decDeg, '[deg] tangent point'],
    ['XCEN', constants.centrePx[0], '[px] tangent point'],
    ['YCEN', constants.centrePx[1], '[px] tangent point'],
    ['SCALE', constants.scaleArcsecPerPx, '[arcsec/px] at the centre'],
    ['PIXUM', constants.pixelUm, '[um] pixel'],
    ['FOCLEN', focalLengthMm(constants), '[mm] focal length'],
    ['ROTATION', constants.rotationDeg, '[deg] counter-clockwise'],
    ['MIRROR', constants.mirror, 'scanned from the other side'],
    ['TILT', constants.tiltArcmin, '[arcmin] tilt'],
    ['TILTANG', constants.tiltAngleDeg, '[deg] towards'],
    ['DISTUM', constants.distortionUm, '[um] radial, at EDGEMM, cubic'],
    ['EDGEMM', constants.edgeMm, '[mm] centre to middle of the edge'],
    ['MAGEQ', constants.magEquationUm, '[um/mag] along x of the plate'],
    ['COMA', constants.comaUm, '[um/mag] outward at EDGEMM'],
    ['COLOUR', constants.colourUm, '[um/mag] along y of the plate per bp_rp'],
    ['COLSCALE', constants.colourScaleUm, '[um/mag] outward at EDGEMM per bp_rp'],
    ['PIVOTMAG', constants.pivotMag, '[mag] where MAGEQ and COMA are nil'],
    ['WOBUM', constants.wobbleUm, '[um] periodic error of the scanner along y'],
    ['WOBMM', constants.wobblePeriodMm, '[mm] its period'],
    ['WARPUM', constants.warpUm, '[um] displacement of the emulsion, rms per axis'],
    ['WARPMM', constants.warpScaleMm, '[mm] its correlation length'],
    ['TILEUM', constants.tileStepUm, '[um] shifts of tiles of the scan, rms per axis'],
    ['TILEMM', constants.tileMm, '[mm] side of the tiles'],
    ...tileEdges(constants, width).map((x, k): Card => [`TILEX${k + 1}`, x, '[px] where tiles meet']),
    ...tileEdges(constants, height).map((y, k): Card => [`TILEY${k + 1}`, y, '[px] where tiles meet']),
  ]
  for (const [keyword, value, comment] of cards) setCard(header, keyword, value, comment)
  addCommentary(header, 'COMMENT', 'Pixels: centre of the first pixel is 1,1; grid of the scan as delivered.')
  return header
}

/** A row of the table of artefacts; places are pixels counted from 0. */
export type Artefact = Pick<Mark, 'kind' | 'x' | 'y' | 'lengthPx' | 'widthPx' | 'strength'> & {
  layer: string
}

export function artefactColumns(marks: readonly Artefact[]): TableColumn[] {
  const values = (value: (mark: Artefact) => number) => Float64Array.from(marks, value)
  const kinds = marks.map((mark) => mark.kind)
  const layers = marks.map((mark) => mark.layer)
  return [
    column('kind', '12A', kinds, 'what it is'),
    column('layer', '6A', layers, 'opaque: on the glass; clear: emulsion gone; light: exposed'),
    column(
      'x',
      'D',
      values((m) => m.x + 1),
      'middle, FITS pixels',
      'pixel',
    ),
    column(
      'y',
      'D',
      values((m) => m.y + 1),
      'middle, FITS pixels',
      'pixel',
    ),
    column(
      'length',
      'D',
      values((m) => m.lengthPx),
      'greatest extent',
      'pixel',
    ),
    column(
      'width',
      'D',
      values((m) => m.widthPx),
      'typical width',
      'pixel',
    ),
    column(
      'strength',
      'D',
      values((m) => m.strength),
      'density added, fraction of it removed, or light (sky)',
    ),
  ]
}
