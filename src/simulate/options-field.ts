// The options of what lies on the plate besides a plain field of stars: a cluster, a réseau.
import { flag, number } from '../parameter.ts'

const FIELD = 'Cluster and reseau'

export const FIELD_OPTIONS = {
  cluster: number({
    flag: '--cluster',
    placeholder: 'N',
    group: FIELD,
    default: 0,
    whole: true,
    min: 0,
    max: 100_000,
    text: 'Stars of a cluster within six magnitudes above the limit of the plate, at a place drawn from the seed; fainter ones follow.',
  }),
  clusterMm: number({
    flag: '--cluster-mm',
    placeholder: 'MM',
    group: FIELD,
    unit: 'mm',
    default: 2,
    min: 0.05,
    max: 500,
    text: 'Radius on the plate that holds half of the stars of the cluster.',
  }),
  reseau: number({
    flag: '--reseau',
    placeholder: 'MM',
    group: FIELD,
    unit: 'mm',
    default: 0,
    min: 0,
    max: 100,
    text: 'Spacing of a reseau, a grid of small crosses exposed on the emulsion; 0 for none, 5 on plates of the Carte du Ciel.',
  }),
  reseauLines: flag({
    flag: '--reseau-lines',
    group: FIELD,
    text: 'The reseau is made of lines across the whole plate instead of crosses.',
  }),
  reseauArm: number({
    flag: '--reseau-arm',
    placeholder: 'MM',
    group: FIELD,
    unit: 'mm',
    default: 0.3,
    min: 0.02,
    max: 50,
    text: 'Length of each of the four arms of a cross of the reseau.',
  }),
  reseauWidth: number({
    flag: '--reseau-width',
    placeholder: 'MICRONS',
    group: FIELD,
    unit: 'um',
    default: 50,
    min: 1,
    max: 1000,
    text: 'Width of the lines and arms of the reseau.',
  }),
  reseauLight: number({
    flag: '--reseau-light',
    placeholder: 'VALUE',
    group: FIELD,
    unit: 'sky',
    default: 5,
    min: 0,
    max: 1000,
    text: 'Light in the middle of the lines and arms of the reseau, in units of the sky.',
  }),
}
