// Every option of the simulator, once: from here come its --help, docs/simulate.md, the checks and the recipe that is
// written beside a plate. The kinds of options are those of src/parameter.ts.
import type * as z from 'zod'
import { UserError } from '../errors.ts'
import { angle, checkedValue, number, type Parameter, text } from '../parameter.ts'
import { DAMAGE_OPTIONS } from './options-damage.ts'
import { EMULSION_OPTIONS } from './options-emulsion.ts'
import { EXPOSURE_OPTIONS } from './options-exposure.ts'
import { FIELD_OPTIONS } from './options-field.ts'
import { KIND_OPTIONS } from './options-kinds.ts'
import { OPTICS_OPTIONS } from './options-optics.ts'
import { SCAN_OPTIONS } from './options-scan.ts'

const PLATE = 'Plate'

const PLATE_OPTIONS = {
  seed: number({
    flag: '--seed',
    placeholder: 'N',
    group: PLATE,
    default: 1,
    whole: true,
    min: 0,
    max: 2 ** 32 - 1,
    text: 'Start of every random stream: the same seed and options give the same bytes.',
  }),
  name: text({
    flag: '--name',
    placeholder: 'NAME',
    group: PLATE,
    default: undefined,
    defaultText: 'sim-<seed>',
    pattern: /^(?!\.{1,2}$)[^/\\\0]{1,150}$/,
    range: 'a name that can be a file: no slash, at most 150 characters',
    text: 'Start of the names of the files that are written.',
  }),
  stars: text({
    flag: '--stars',
    placeholder: 'FILE',
    group: PLATE,
    default: 'tycho2',
    range: 'a file with Gaia columns, or the word tycho2 or synthetic',
    text: 'Where the stars come from: a Gaia file, Tycho-2 of the installed indexes filled up with synthetic faint stars, or synthetic stars alone.',
  }),
  density: number({
    flag: '--density',
    placeholder: 'N',
    group: PLATE,
    unit: 'stars/deg^2',
    default: undefined,
    defaultText: '60, or what the bright stars of Tycho-2 in the field tell',
    min: 0.1,
    max: 5000,
    text: 'Number of synthetic stars brighter than G = 12; it grows as 10^(0.35 G).',
  }),
  ra: angle({
    flag: '--ra',
    placeholder: 'RA',
    group: PLATE,
    unit: 'deg',
    hours: true,
    min: 0,
    max: 360,
    defaultText: 'the centre of FILE, else drawn from the seed',
    range: 'degrees from 0 to 360, or hours as 08:51:20',
    text: 'Right ascension of the centre of the plate, ICRS.',
  }),
  dec: angle({
    flag: '--dec',
    placeholder: 'DEC',
    group: PLATE,
    unit: 'deg',
    hours: false,
    min: -90,
    max: 90,
    defaultText: 'the centre of FILE, else drawn from the seed',
    range: 'degrees from -90 to 90, or sexagesimal as +11:48:42',
    text: 'Declination of the centre of the plate, ICRS.',
  }),
  field: number({
    flag: '--field',
    placeholder: 'DEG',
    group: PLATE,
    unit: 'deg',
    default: 1.5,
    min: 0.05,
    max: 12,
    text: 'Width of the scan on the sky; not used when both --scale and --width are given.',
  }),
  scale: number({
    flag: '--scale',
    placeholder: 'ARCSEC',
    group: PLATE,
    unit: 'arcsec/px',
    default: undefined,
    defaultText: 'from the field and the width',
    min: 0.05,
    max: 100,
    text: 'Scale of the scan.',
  }),
  width: number({
    flag: '--width',
    placeholder: 'PX',
    group: PLATE,
    unit: 'px',
    default: undefined,
    defaultText: 'from the field and the scale, else 2000',
    whole: true,
    min: 64,
    max: 40000,
    text: 'Width of the scan.',
  }),
  height: number({
    flag: '--height',
    placeholder: 'PX',
    group: PLATE,
    unit: 'px',
    default: undefined,
    defaultText: 'as wide',
    whole: true,
    min: 64,
    max: 40000,
    text: 'Height of the scan.',
  }),
  pixelUm: number({
    flag: '--pixel-um',
    placeholder: 'MICRONS',
    group: PLATE,
    unit: 'um',
    default: 20,
    min: 1,
    max: 400,
    text: 'Size of a pixel on the plate.',
  }),
  epoch: number({
    flag: '--epoch',
    placeholder: 'YEAR',
    group: PLATE,
    unit: 'Julian yr',
    default: undefined,
    defaultText: 'drawn from the seed, 1895 to 1990',
    min: 1840,
    max: 2030,
    text: 'Epoch of mid-exposure, to which the stars are moved.',
  }),
}

export const SIMULATE_PARAMETERS = {
  ...PLATE_OPTIONS,
  ...OPTICS_OPTIONS,
  ...EMULSION_OPTIONS,
  ...EXPOSURE_OPTIONS,
  ...FIELD_OPTIONS,
  ...KIND_OPTIONS,
  ...DAMAGE_OPTIONS,
  ...SCAN_OPTIONS,
}

type Parameters = typeof SIMULATE_PARAMETERS
/** The checked options; `undefined` where one is neither given nor has a default. */
export type SimulateOptions = { [K in keyof Parameters]: z.output<Parameters[K]['schema']> }

/**
 * Checks raw values, as strings of a command line or already of the right type; names are those of SIMULATE_PARAMETERS.
 * @throws UserError naming the first option that is unknown or not acceptable, and what is.
 */
export function parseSimulateOptions(raw: Record<string, unknown> = {}): SimulateOptions {
  for (const name of Object.keys(raw)) {
    if (!(name in SIMULATE_PARAMETERS)) {
      throw new UserError(
        `simulate has no option "${name}"`,
        'see platepipe simulate --help for those there are',
      )
    }
  }
  const values: Record<string, unknown> = {}
  for (const [name, parameter] of Object.entries<Parameter<unknown>>(SIMULATE_PARAMETERS)) {
    values[name] = checkedValue(parameter, raw[name])
  }
  const options = values as SimulateOptions
  if ((options.ra === undefined) !== (options.dec === undefined)) {
    const [given, lacking] = options.ra === undefined ? ['--dec', '--ra'] : ['--ra', '--dec']
    throw new UserError(`${given} was given without ${lacking}`, 'give both, or neither')
  }
  return options
}
