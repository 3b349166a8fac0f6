// The options that decide where and how sharply stars are imaged: plate constants and image shape.
import { flag, number } from '../parameter.ts'

const OPTICS = 'Plate constants and images'

function microns(name: string, text: string, min = -1000) {
  return number({
    flag: `--${name}`,
    placeholder: 'MICRONS',
    group: OPTICS,
    unit: 'um',
    default: 0,
    min,
    max: 1000,
    text,
  })
}

function degrees(name: string, text: string) {
  return number({
    flag: `--${name}`,
    placeholder: 'DEG',
    group: OPTICS,
    unit: 'deg',
    default: 0,
    min: -360,
    max: 360,
    text,
  })
}

export const OPTICS_OPTIONS = {
  rotation: degrees(
    'rotation',
    'The plate is turned by this angle in the scan, counter-clockwise with y upwards.',
  ),
  mirror: flag({ flag: '--mirror', group: OPTICS, text: 'The plate was scanned from the other side.' }),
  tilt: number({
    flag: '--tilt',
    placeholder: 'ARCMIN',
    group: OPTICS,
    unit: 'arcmin',
    default: 0,
    min: 0,
    max: 600,
    text: 'Tilt of the plate against the plane that touches the sky at its centre.',
  }),
  tiltAngle: degrees('tilt-angle', "Direction in which the plate leans, from the plate's x axis."),
  distortion: microns(
    'distortion',
    'Radial distortion at the middle of the edge; it grows with the cube of the distance.',
  ),
  magEquation: microns('mag-equation', "Magnitude equation: shift along the plate's x per magnitude."),
  coma: microns('coma', 'Coma: outward shift at the middle of the edge per magnitude brighter.'),
  colour: microns('colour', "Colour equation: shift along the plate's y per magnitude of bp_rp."),
  colourScale: microns(
    'colour-scale',
    'Outward shift at the middle of the edge per magnitude of bp_rp: the scale depends on colour.',
  ),
  wobble: microns('wobble', "Amplitude of the scanner's periodic error along y (half of it along x)."),
  wobblePeriod: number({
    flag: '--wobble-period',
    placeholder: 'MM',
    group: OPTICS,
    unit: 'mm',
    default: 9,
    min: 0.1,
    max: 1000,
    text: 'Period of that error along y.',
  }),
  warp: microns(
    'warp',
    'Smooth random displacement of the emulsion over the plate, standard deviation per axis; drawn from the seed.',
    0,
  ),
  warpScale: number({
    flag: '--warp-scale',
    placeholder: 'MM',
    group: OPTICS,
    unit: 'mm',
    default: 20,
    min: 0.5,
    max: 1000,
    text: 'Length L over which that displacement is alike: its correlation is exp(-d^2/2L^2).',
  }),
  tileStep: microns(
    'tile-step',
    'The scan is a mosaic: shift of each of its tiles, standard deviation per axis; drawn from the seed.',
    0,
  ),
  tile: number({
    flag: '--tile',
    placeholder: 'MM',
    group: OPTICS,
    unit: 'mm',
    default: 10,
    min: 0.5,
    max: 1000,
    text: 'Side of those tiles, from the first pixel on.',
  }),
  jitter: number({
    flag: '--jitter',
    placeholder: 'MICRONS',
    group: OPTICS,
    unit: 'um',
    default: 0.3,
    min: 0,
    max: 50,
    text: 'Shift of each image by the emulsion, standard deviation per axis at the bright end; it triples towards the limit.',
  }),
  fwhm: number({
    flag: '--fwhm',
    placeholder: 'PX',
    group: OPTICS,
    unit: 'px',
    default: 4,
    min: 1.2,
    max: 60,
    text: 'Full width at half maximum of the light of a star, before the emulsion.',
  }),
  beta: number({
    flag: '--beta',
    placeholder: 'N',
    group: OPTICS,
    default: 3,
    min: 1.6,
    max: 8,
    text: "Moffat's exponent: how steeply the wings of an image fall.",
  }),
  edgeBlur: number({
    flag: '--edge-blur',
    placeholder: 'RATIO',
    group: OPTICS,
    default: 0,
    min: 0,
    max: 3,
    text: 'Images are longer by this fraction along the radius at the middle of the edge, growing with the square of the distance.',
  }),
  spikes: number({
    flag: '--spikes',
    placeholder: 'RATIO',
    group: OPTICS,
    default: 0,
    min: 0,
    max: 1,
    text: 'Strength of the four diffraction spikes of a reflector or a Schmidt telescope; 0.02 is a Schmidt.',
  }),
}
