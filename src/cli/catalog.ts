// platepipe catalog …: the commands of the store of reference stars. Each is loaded only when it runs.
import type { Command } from 'commander'
import { type CatalogCommand, tableOf } from './catalog-options.ts'
import { addParameters } from './options.ts'

const EXAMPLES = `
Examples:
  platepipe catalog fetch --ra 132.82 --dec 11.80 --radius 1 --limit-mag 17     from the Gaia archive or a mirror
  platepipe catalog import GaiaSource_*.csv.gz                                  from files
  platepipe catalog info                                                        what is there
  platepipe catalog query --ra 132.82 --dec 11.80 --radius 0.5 --epoch 1951.9 -o m67.csv
  platepipe catalog index --ra 132.82 --dec 11.80 --radius 1 --epochs 1900-1980

Once a field is in the store, platepipe reduce takes its stars from there, with or without a network.
The store is the folder of --catalog, else of $PLATEPIPE_CATALOG, else ~/.local/share/platepipe/catalogs.`

/** Adds the command with its subcommands. */
export function addCatalogCommands(
  program: Command,
  signal: AbortSignal,
  run: (work: () => Promise<number>) => Promise<void>,
): void {
  const catalog = program
    .command('catalog')
    .summary('reference stars: fetch, import, look at, index')
    .description(
      'The store of reference stars: filled once, used by every reduction, with or without a network.',
    )
    .addHelpText('after', EXAMPLES)
  const add = (name: CatalogCommand, summary: string, description: string) =>
    addParameters(catalog.command(name).summary(summary).description(description), tableOf(name))

  add(
    'fetch',
    'fill the store from a service of Gaia’s stars',
    'Fetches the stars of a field into the store. What is there is not fetched again; what was cut off goes on.',
  ).action((options) =>
    run(async () => (await import('./catalog-fetch.ts')).catalogFetchCommand(options, signal)),
  )
  add(
    'import',
    'fill the store from files',
    'Imports files of stars into the store: CSV (also .gz, and Gaia’s bulk files), VOTable, FITS or Parquet.',
  )
    .argument('<file...>', 'files with Gaia’s or VizieR’s columns')
    .action((files, options) =>
      run(async () => (await import('./catalog-import.ts')).catalogImportCommand(files, options, signal)),
    )
  add(
    'query',
    'take stars out of the store',
    'Writes the stars of a field, at the epoch of a plate if wanted.',
  ).action((options) =>
    run(async () => (await import('./catalog-query.ts')).catalogQueryCommand(options, signal)),
  )
  add(
    'index',
    'make astrometry.net indexes of the store',
    'Makes indexes for plates of some epochs and field widths, with which reduce solves them wherever they point.',
  ).action((options) =>
    run(async () => (await import('./catalog-index.ts')).catalogIndexCommand(options, signal)),
  )
  add(
    'info',
    'see what is in the store',
    'Says what the store holds, and draws it on a map of the sky.',
  ).action((options) =>
    run(async () => (await import('./catalog-contents.ts')).catalogInfoCommand(options, signal)),
  )
  add(
    'verify',
    'check the store',
    'Reads every tile of the store and checks it against the manifest.',
  ).action((options) =>
    run(async () => (await import('./catalog-verify.ts')).catalogVerifyCommand(options, signal)),
  )
}
