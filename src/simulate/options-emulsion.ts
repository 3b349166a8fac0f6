// The options of the emulsion and of the light that reaches it.
import { number } from '../parameter.ts'

const EMULSION = 'Emulsion and sky'

interface Amount {
  name: string
  default: number
  min: number
  max: number
  unit?: string
  text: string
}

function amount(spec: Amount) {
  return number({
    flag: `--${spec.name}`,
    placeholder: 'VALUE',
    group: EMULSION,
    unit: spec.unit ?? '',
    default: spec.default,
    min: spec.min,
    max: spec.max,
    text: spec.text,
  })
}

export const EMULSION_OPTIONS = {
  limit: number({
    flag: '--limit',
    placeholder: 'MAG',
    group: EMULSION,
    unit: 'mag',
    default: undefined,
    defaultText: '16 - 5 log10(field in degrees)',
    min: 4,
    max: 22,
    text: 'Plate magnitude of the faintest images that stand out from the grain.',
  }),
  colourTerm: amount({
    name: 'colour-term',
    default: 0.6,
    min: -2,
    max: 2,
    text: 'Plate magnitude = G + this * (bp_rp - 0.8): 0.6 is a blue-sensitive emulsion.',
  }),
  fog: amount({ name: 'fog', default: 0.15, min: 0, max: 2, text: 'Density of the unexposed emulsion.' }),
  gamma: amount({
    name: 'gamma',
    default: 1.6,
    min: 0.3,
    max: 6,
    unit: 'density/dex',
    text: 'Slope of the straight part of the characteristic curve.',
  }),
  dMax: amount({ name: 'd-max', default: 3, min: 0.5, max: 6, text: 'Density that no exposure exceeds.' }),
  skyDensity: amount({
    name: 'sky-density',
    default: 0.5,
    min: 0.05,
    max: 3,
    text: "Density of the sky at the plate's centre; it lies between the fog and the greatest density.",
  }),
  grain: amount({
    name: 'grain',
    default: 0.045,
    min: 0,
    max: 0.5,
    unit: 'density',
    text: 'Noise of the density of one pixel at density 1; it grows as the square root of the density (Selwyn).',
  }),
  grainSize: amount({
    name: 'grain-size',
    default: 0.6,
    min: 0,
    max: 2,
    unit: 'px',
    text: 'Length over which the grain is correlated, standard deviation.',
  }),
  halation: amount({
    name: 'halation',
    default: 0.03,
    min: 0,
    max: 0.5,
    text: 'Fraction of the light that returns from the back of the glass, as a ring round bright stars.',
  }),
  halationMm: amount({
    name: 'halation-mm',
    default: 1.2,
    min: 0.05,
    max: 10,
    unit: 'mm',
    text: 'Radius of that ring: about 1.7 times the thickness of the glass.',
  }),
  vignetting: amount({
    name: 'vignetting',
    default: 0.2,
    min: 0,
    max: 0.9,
    text: 'Fraction of the light that is lost at the corners.',
  }),
  skyGradient: amount({
    name: 'sky-gradient',
    default: 0.08,
    min: 0,
    max: 1,
    text: 'Unevenness of the sky fog and the development over the plate, fraction of the sky.',
  }),
  edgeFog: amount({
    name: 'edge-fog',
    default: 0,
    min: 0,
    max: 10,
    text: 'Light that crept in at the edges of the plate, in units of the sky.',
  }),
}
