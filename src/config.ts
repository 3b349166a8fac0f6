// Every parameter of a reduction, once: from here come --help, docs/parameters.md, the checks and run.json.
// To add one, add an entry to PARAMETERS.
import { delimiter } from 'node:path'
import type * as z from 'zod'
import { GAIA_RELEASES } from './catalog/tap/gaia-service.ts'
import { UserError } from './errors.ts'
import {
  angle,
  checkedValue,
  choice,
  flag,
  number,
  numberOrWord,
  type Parameter,
  span,
  text,
  texts,
} from './parameter.ts'

const PLATE = 'What is known of the plate (the header is asked first; an option overrides it)'
const STARS = 'Reference stars'
const METHOD = 'Method'
const PROGRAMS = 'Programs and limits'
const RUNNING = 'Output'

// biome-ignore format: a parameter in few lines reads as the table that it is
export const PARAMETERS = {
  out: text({ flag: '-o, --out', placeholder: 'DIR', group: RUNNING, default: 'reduced',
    text: 'Folder that receives one folder per plate; made if it is not there.' }),
  // A name becomes a folder: no separator, and none of the names that mean a place.
  id: text({ flag: '--id', placeholder: 'NAME', group: RUNNING, default: undefined,
    defaultText: "the scan's file name without its endings", pattern: /^(?!\.{1,2}$)[^/\\\0]{1,200}$/,
    range: 'a name that can be a folder: no slash, at most 200 characters',
    text: 'Name of the plate, and of its folder under DIR; for one scan only.' }),
  hdu: number({ flag: '--hdu', placeholder: 'N', group: PLATE, default: undefined,
    defaultText: 'the first two-dimensional image', whole: true, min: 0, max: 9999,
    text: 'Which header-and-data unit of the FITS file holds the scan; 0 is the primary one.' }),
  ra: angle({ flag: '--ra', placeholder: 'RA', group: PLATE, unit: 'deg',
    defaultText: 'from the header, else unknown', hours: true, min: 0, max: 360,
    range: 'degrees from 0 to 360, or hours as 08:51:20',
    text: 'Right ascension of the centre of the scan, ICRS.' }),
  dec: angle({ flag: '--dec', placeholder: 'DEC', group: PLATE, unit: 'deg',
    defaultText: 'from the header, else unknown', hours: false, min: -90, max: 90,
    range: 'degrees from -90 to 90, or sexagesimal as +11:48:42',
    text: 'Declination of the centre of the scan, ICRS.' }),
  radius: number({ flag: '--radius', placeholder: 'DEG', group: PLATE, unit: 'deg', default: undefined,
    defaultText: 'from how well the place is known', min: 0.01, max: 180,
    text: 'How far the true centre may lie from the given place.' }),
  // 1840: the first daguerreotype of the Moon.
  epoch: numberOrWord({ flag: '--epoch', placeholder: 'YEAR|unknown', group: PLATE, unit: 'Julian yr',
    defaultText: 'from the header, else unknown', min: 1840, max: 2030, word: 'unknown',
    text: 'Epoch of the exposure, to which the reference stars are moved; unknown finds it from their proper motions, whatever the header says.' }),
  scale: span({ flag: '--scale', placeholder: 'ARCSEC', group: PLATE, unit: 'arcsec/px',
    defaultText: 'from the header, else unknown', min: 0.01, max: 1000,
    range: 'one positive number, or a range such as 1.5-1.9, from 0.01 to 1000', text: 'Scale of the scan.' }),
  pixelUm: number({ flag: '--pixel-um', placeholder: 'MICRONS', group: PLATE, unit: 'um', default: undefined,
    defaultText: 'from the header, else unknown', min: 0.1, max: 1000,
    text: 'Size of a pixel on the plate; needed only to give residuals in micrometres.' }),
  method: number({ flag: '--method', placeholder: 'N', group: PLATE, default: undefined,
    defaultText: 'from the header, else unknown', whole: true, min: 1, max: 25,
    text: 'Code of METHOD in the Wide-Field Plate Database: 1 says that the plate is one direct exposure.' }),
  exposures: choice({ flag: '--exposures', placeholder: 'WORD', group: METHOD, words: ['flag', 'auto'], default: 'flag',
    text: 'What becomes of a plate with several exposures: flag leaves it to a person, auto solves every exposure.' }),
  polarity: choice({ flag: '--polarity', placeholder: 'WORD', group: PLATE,
    words: ['auto', 'positive', 'negative'], default: 'auto',
    text: 'Whether the stars are brighter (positive) or darker (negative) than the sky; auto measures it.' }),
  catalog: text({ flag: '--catalog', placeholder: 'FILE|DIR', group: STARS, default: undefined,
    defaultText: 'the store in $PLATEPIPE_CATALOG, in catalogs/ here or in ~/.local/share/platepipe/catalogs, else Tycho-2',
    text: 'Reference stars: a file with Gaia columns (CSV, also .gz, FITS table, VOTable or Parquet), or the folder of a store.' }),
  release: choice({ flag: '--release', placeholder: 'NAME', group: STARS, words: GAIA_RELEASES, default: 'gaia-dr2',
    text: 'Release of Gaia that is taken from the store and fetched.' }),
  offline: flag({ flag: '--offline', group: STARS, defaultText: 'off, or on where $PLATEPIPE_OFFLINE is 1',
    text: 'Never use the network: stars that the store lacks are not fetched.' }),
  mirror: texts({ flag: '--mirror', placeholder: 'NAME|URL', group: STARS, default: [],
    defaultText: 'esa, aip, ari, gavo, vizier, in that order',
    text: 'Service from which stars are fetched, by its name or the address of its TAP; may be repeated.' }),
  indexDir: texts({ flag: '--index-dir', placeholder: 'DIR', group: STARS, default: ['/usr/share/astrometry'],
    defaultText: '/usr/share/astrometry and the folders in $PLATEPIPE_INDEX_DIR',
    text: 'Folder with astrometry.net indexes; may be repeated, and then replaces the default.' }),
  detectSigma: number({ flag: '--detect-sigma', placeholder: 'SIGMA', group: METHOD, unit: 'sigma of the sky',
    default: 1.5, min: 0.5, max: 100,
    text: 'Height above the sky from which SExtractor counts a pixel as part of an object.' }),
  matchSigma: number({ flag: '--match-sigma', placeholder: 'SIGMA', group: METHOD,
    unit: 'sigma of the residuals', default: 4, min: 2, max: 20,
    text: 'Radius within which a detection and a reference star become a pair in the last rounds.' }),
  tileEdgesX: text({ flag: '--tile-edges-x', placeholder: 'PX,…', group: METHOD, default: undefined,
    defaultText: 'none', pattern: /^\d+(\.\d+)?(,\d+(\.\d+)?)*$/, range: 'places in pixels, with commas between',
    text: 'Where along x a scan that was put together from tiles changes from one to the next; a pixel on the edge belongs to the first.' }),
  tileEdgesY: text({ flag: '--tile-edges-y', placeholder: 'PX,…', group: METHOD, default: undefined,
    defaultText: 'none', pattern: /^\d+(\.\d+)?(,\d+(\.\d+)?)*$/, range: 'places in pixels, with commas between',
    text: 'The same along y.' }),
  maxDegree: number({ flag: '--max-degree', placeholder: 'N', group: METHOD, default: 5, whole: true,
    min: 1, max: 5,
    text: 'Highest degree of the plate model that may be tried; held-out stars choose among those up to it.' }),
  extractTime: number({ flag: '--extract-time', placeholder: 'SECONDS', group: PROGRAMS, unit: 's',
    default: 900, min: 1, max: 86400, text: 'Wall time that one run of SExtractor may take.' }),
  solveCpu: number({ flag: '--solve-cpu', placeholder: 'SECONDS', group: PROGRAMS, unit: 's', default: 120,
    min: 1, max: 86400, text: 'Processor time that one attempt at a solution may take.' }),
  solveTime: number({ flag: '--solve-time', placeholder: 'SECONDS', group: PROGRAMS, unit: 's', default: 300,
    min: 1, max: 604800, text: 'Wall time that all attempts at a solution together may take.' }),
  sextractor: text({ flag: '--sextractor', placeholder: 'PROGRAM', group: PROGRAMS, default: undefined,
    defaultText: 'the first of source-extractor, sex, sextractor on PATH', text: 'The SExtractor to use.' }),
  solveField: text({ flag: '--solve-field', placeholder: 'PROGRAM', group: PROGRAMS, default: 'solve-field',
    text: 'The solver of astrometry.net.' }),
  buildIndex: text({ flag: '--build-index', placeholder: 'PROGRAM', group: PROGRAMS,
    default: 'build-astrometry-index',
    text: 'The program of astrometry.net that makes an index of one field.' }),
  queryStarkd: text({ flag: '--query-starkd', placeholder: 'PROGRAM', group: PROGRAMS, default: 'query-starkd',
    text: 'The program of astrometry.net that lists the stars of an index.' }),
  funpack: text({ flag: '--funpack', placeholder: 'PROGRAM', group: PROGRAMS, default: 'funpack',
    text: 'The program of CFITSIO that unpacks tile-compressed scans (.fits.fz).' }),
  tmpDir: text({ flag: '--tmp-dir', placeholder: 'DIR', group: PROGRAMS, default: undefined,
    defaultText: '$TMPDIR, else /tmp',
    text: 'Folder for work files; they take up to three times the space of the scan.' }),
  keepWork: flag({ flag: '--keep-work', group: RUNNING,
    text: 'Keep the work folder, with the input and output of every program, and say where it is.' }),
  force: flag({ flag: '--force', group: RUNNING,
    text: 'Replace DIR/<plate> even if it does not look like an earlier result of platepipe.' }),
  quiet: flag({ flag: '-q, --quiet', group: RUNNING, text: 'Print nothing but errors.' }),
  verbose: flag({ flag: '-v, --verbose', group: RUNNING, text: 'Print every step and every attempt.' }),
  json: flag({ flag: '--json', group: RUNNING,
    text: 'Print events as JSON lines on standard output instead of text; errors stay on standard error.' }),
}

type Parameters = typeof PARAMETERS
export type ParameterName = keyof Parameters
/** The checked configuration; `undefined` where a parameter is neither given nor has a default. */
export type Config = { [K in ParameterName]: z.output<Parameters[K]['schema']> }

function checkTogether(config: Config): void {
  if ((config.ra === undefined) !== (config.dec === undefined)) {
    const [given, lacking] = config.ra === undefined ? ['--dec', '--ra'] : ['--ra', '--dec']
    throw new UserError(`${given} was given without ${lacking}`, 'give both, or neither to use the header')
  }
  if (config.quiet && config.verbose) {
    throw new UserError('--quiet and --verbose were both given', 'give one of them, or neither')
  }
}

/**
 * Checks raw values, as strings of a command line or already of the right type; names are those of PARAMETERS.
 * @throws UserError naming the first parameter that is unknown or not acceptable, and what is.
 */
export function parseConfig(raw: Record<string, unknown> = {}, environment = process.env): Config {
  const values: Record<string, unknown> = {}
  for (const name of Object.keys(raw)) {
    if (!(name in PARAMETERS)) {
      throw new UserError(
        `there is no parameter "${name}"`,
        'see platepipe reduce --help for those there are',
      )
    }
  }
  for (const [name, parameter] of Object.entries<Parameter<unknown>>(PARAMETERS)) {
    values[name] = checkedValue(parameter, raw[name])
  }
  const config = values as Config
  if (raw.indexDir === undefined) {
    const more = (environment.PLATEPIPE_INDEX_DIR ?? '').split(delimiter).filter((folder) => folder !== '')
    config.indexDir = [...config.indexDir, ...more]
  }
  if (raw.offline === undefined)
    config.offline = !['', '0', undefined].includes(environment.PLATEPIPE_OFFLINE)
  checkTogether(config)
  return config
}

/** The configuration for run.json: every parameter by name, `null` where it is not set. */
export function configRecord(config: Config): Record<string, unknown> {
  return Object.fromEntries(
    (Object.keys(PARAMETERS) as ParameterName[]).map((name) => [name, config[name] ?? null]),
  )
}
