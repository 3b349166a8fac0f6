// Every option of `platepipe catalog …`, once: from here come --help, docs/parameters.md and the checks.
import { angle, choice, flag, number, text, texts } from '../parameter.ts'
import { GAIA_RELEASES } from './tap/gaia-service.ts'

const STORE = 'The store'
const FIELD = 'The field'
const SERVICE = 'The service'
const FILES = 'The files'
const INDEXES = 'The indexes'
const OUTPUT = 'Output'

// biome-ignore format: a parameter in few lines reads as the table that it is
export const CATALOG_PARAMETERS = {
  catalog: text({ flag: '--catalog', placeholder: 'DIR', group: STORE, default: undefined,
    defaultText: '$PLATEPIPE_CATALOG, else catalogs/ here if it holds a store, else ~/.local/share/platepipe/catalogs',
    text: 'Folder of the store; made if it is not there.' }),
  release: choice({ flag: '--release', placeholder: 'NAME', group: STORE, words: GAIA_RELEASES, default: 'gaia-dr2',
    text: 'Release of Gaia.' }),
  ra: angle({ flag: '--ra', placeholder: 'RA', group: FIELD, unit: 'deg', defaultText: 'not set', hours: true,
    min: 0, max: 360, range: 'degrees from 0 to 360, or hours as 08:51:20',
    text: 'Right ascension of the centre of the field, ICRS.' }),
  dec: angle({ flag: '--dec', placeholder: 'DEC', group: FIELD, unit: 'deg', defaultText: 'not set', hours: false,
    min: -90, max: 90, range: 'degrees from -90 to 90, or sexagesimal as +11:48:42',
    text: 'Declination of the centre of the field, ICRS.' }),
  radius: number({ flag: '--radius', placeholder: 'DEG', group: FIELD, unit: 'deg', default: undefined,
    min: 0.001, max: 180, text: 'Radius of the field.' }),
  limitMag: number({ flag: '--limit-mag', placeholder: 'G', group: FIELD, unit: 'mag', default: undefined,
    defaultText: 'every star', min: 1, max: 25, text: 'Faintest magnitude G that is wanted.' }),
  mirror: texts({ flag: '--mirror', placeholder: 'NAME|URL', group: SERVICE, default: [],
    defaultText: 'esa, aip, ari, gavo, vizier, in that order',
    text: 'Service to ask, by its name or the address of its TAP; may be repeated, and then they are tried in that order.' }),
  queryRows: number({ flag: '--query-rows', placeholder: 'N', group: SERVICE, default: 100_000, whole: true, min: 100,
    max: 2_000_000, text: 'Most stars that one query may bring; what a query brought is kept, whatever happens to the next.' }),
  map: texts({ flag: '--map', placeholder: 'OURS=THEIRS', group: FILES, default: [], defaultText: 'Gaia’s and VizieR’s names are known',
    text: 'Which column of the file is which, such as ra=ALPHA_J2000; several with commas between them, or repeated.' }),
  epoch: number({ flag: '--epoch', placeholder: 'YEAR', group: FIELD, unit: 'Julian yr', default: undefined,
    defaultText: 'that of the release', min: 1840, max: 2100, text: 'Epoch to which the stars are moved.' }),
  epochs: texts({ flag: '--epochs', placeholder: 'YEAR', group: INDEXES, default: ['1950'],
    text: 'Epoch of the plates, such as 1893, or decades as 1900-1980; several with commas between them, or repeated.' }),
  field: text({ flag: '--field', placeholder: 'DEG', group: INDEXES, default: '0.5-6',
    range: 'a width such as 2, or a range of widths such as 0.3-6, in degrees',
    text: 'Width of the fields that are to be solved, in degrees, or a range.' }),
  sky: flag({ flag: '--sky', group: INDEXES, text: 'All of the sky that the store covers, instead of a field.' }),
  buildIndex: text({ flag: '--build-index', placeholder: 'PROGRAM', group: INDEXES, default: 'build-astrometry-index',
    text: 'The program of astrometry.net that makes an index.' }),
  repair: flag({ flag: '--repair', group: STORE,
    text: 'Drop damaged tiles, and what they covered, so that they can be fetched or imported again.' }),
  svg: text({ flag: '--svg', placeholder: 'FILE', group: OUTPUT, default: undefined, text: 'Write the map of the sky to this file.' }),
  out: text({ flag: '-o, --out', placeholder: 'FILE', group: OUTPUT, default: undefined, defaultText: 'standard output, as CSV',
    text: 'File for the stars; its ending says which format: .csv, .fits, .vot or .parquet.' }),
  tmpDir: text({ flag: '--tmp-dir', placeholder: 'DIR', group: STORE, default: undefined, defaultText: 'the folder of the store',
    text: 'Folder for work files: while files are imported, they take about as much space as the stars will.' }),
  quiet: flag({ flag: '-q, --quiet', group: OUTPUT, text: 'Print nothing but errors.' }),
  verbose: flag({ flag: '-v, --verbose', group: OUTPUT, text: 'Print every step.' }),
  json: flag({ flag: '--json', group: OUTPUT,
    text: 'Print the result as JSON on standard output instead of text; errors stay on standard error.' }),
}

const STORES = ['catalog', 'release']
const SAID = ['quiet', 'verbose', 'json']
const PLACE = ['ra', 'dec', 'radius', 'limitMag']

/** Which options each command takes, in the order of its --help. */
export const CATALOG_COMMANDS = {
  fetch: [...PLACE, 'mirror', 'queryRows', ...STORES, ...SAID],
  import: ['map', ...PLACE, ...STORES, 'tmpDir', ...SAID],
  query: [...PLACE, 'epoch', ...STORES, 'out', ...SAID],
  index: [...PLACE, 'sky', 'epochs', 'field', 'buildIndex', ...STORES, 'tmpDir', ...SAID],
  info: [...STORES, 'svg', ...SAID],
  verify: [...STORES, 'repair', ...SAID],
}
