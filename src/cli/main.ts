// The command line: read it top to bottom as the table of contents of platepipe.
import { existsSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { PARAMETERS } from '../config.ts'
import { UserError } from '../errors.ts'
import { SIMULATE_PARAMETERS } from '../simulate/options.ts'
import { addCatalogCommands } from './catalog.ts'
import { EXIT, reportFailure, userErrorText } from './failure.ts'
import { manifest } from './manifest.ts'
import { addParameters, pick } from './options.ts'
import { type Cancellation, cancelOnSignals } from './signals.ts'
import { SIMULATE_RUN_PARAMETERS } from './simulate-options.ts'

const EXAMPLES = `
Examples:
  platepipe doctor                                   see whether everything needed is installed
  platepipe inspect plate.fits                       look at a scan without reducing it
  platepipe reduce plate.fits -o results             reduce it against Tycho-2, offline
  platepipe reduce plate.fits --catalog gaia.csv --epoch 1951.91 -o results
  platepipe simulate --seed 7 -o sample              make a scan whose truth is known`

const REDUCE_EXAMPLES = `
Examples:
  platepipe reduce plate.fits                        everything from the header; results in ./reduced/plate/
  platepipe reduce plate.tif --ra 08:51:20 --dec +11:48:42 --epoch 1951.91 --catalog gaia.csv.gz
  platepipe reduce scans/*.fits -o results --json > events.jsonl
  platepipe reduce plate.fits --scale 1.5-1.9 --polarity negative --keep-work

Exit status: 0 reduced, 2 a mistake that you can mend, 3 flagged for a person, 4 unsolved, 1 a bug in platepipe;
with several scans the largest of theirs that is not 0, bugs first.`

const DOCTOR_PARAMETERS = [
  ...['out', 'catalog', 'indexDir', 'tmpDir', 'json'],
  ...['sextractor', 'solveField', 'buildIndex', 'queryStarkd', 'funpack'],
]

/** Commander's message as the two lines of a user's mistake. */
function printUsageError(message: string): void {
  const [first = '', ...rest] = message
    .replace(/^error: /, '')
    .trim()
    .split('\n')
  const hint = /Did you mean (.*)\?/.exec(rest.join(' '))?.[1]
  const scan = /^unknown command '(.*)'$/.exec(first)?.[1]
  const todo = hint
    ? `did you mean ${hint}?`
    : scan !== undefined && existsSync(scan)
      ? `to reduce it: platepipe reduce ${scan}`
      : 'see platepipe --help, or platepipe COMMAND --help'
  process.stderr.write(userErrorText(first, todo))
}

/**
 * The commands and their options; subcommands inherit the settings made before them. Each command is loaded only when
 * it runs, so that --help and --version answer at once.
 */
function buildProgram(cancellation: Cancellation): Command {
  const run = async (work: () => Promise<number>) => {
    const status = await work()
    process.exitCode = process.exitCode || status // what could not be printed has left its own
  }
  const program = new Command('platepipe')
    .description(
      'Reduce scanned photographic plates: from a scan to a refined WCS and a catalogue of places.\n' +
        'platepipe COMMAND --help lists the options of a command.',
    )
    .version(manifest().version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({ outputError: printUsageError })
    .addHelpText('after', EXAMPLES)

  const reduce = program
    .command('reduce')
    .summary('reduce scans: a WCS, a catalogue and a report for each')
    .description('Reduces each scan into one folder: a refined WCS, a catalogue of places, and a report.')
    .argument('<scan...>', 'scans of plates: FITS (also .gz and .fz) or TIFF')
    .addHelpText('after', REDUCE_EXAMPLES)
    .action((scans, options) =>
      run(async () => (await import('./reduce.ts')).reduceCommand(scans, options, cancellation)),
    )
  addParameters(reduce, PARAMETERS)

  const simulate = program
    .command('simulate')
    .summary('make a scan whose truth is known')
    .description('Makes a scan of a plate with known truth: for tests, and to try platepipe out.')
    .action((options) =>
      run(async () => (await import('./simulate.ts')).simulateCommand(options, cancellation.signal)),
    )
  addParameters(simulate, { ...SIMULATE_PARAMETERS, ...SIMULATE_RUN_PARAMETERS })

  const inspect = program
    .command('inspect')
    .summary('look at a scan without reducing it')
    .description('Prints what the header and the pixels of a scan say, without reducing it.')
    .argument('<scan>', 'scan of a plate: FITS (also .gz and .fz) or TIFF')
    .action((scan, options) =>
      run(async () => (await import('./inspect.ts')).inspectCommand(scan, options, cancellation.signal)),
    )
  addParameters(inspect, pick(PARAMETERS, ['hdu', 'polarity', 'funpack', 'tmpDir', 'json']))

  const doctor = program
    .command('doctor')
    .summary('see what is installed and what is missing')
    .description(
      'Checks the programs, indexes and reference stars that a reduction needs, and says what to install.',
    )
    .action((options) =>
      run(async () => (await import('./doctor.ts')).doctorCommand(options, cancellation.signal)),
    )
  addParameters(doctor, pick(PARAMETERS, DOCTOR_PARAMETERS))

  addCatalogCommands(program, cancellation.signal, run)
  return program
}

/**
 * A reader that went away (platepipe inspect … | head) is no failure; an output that cannot be written, as on a full disk,
 * is one, but does not stop the work, whose results are files.
 */
function outliveOutput(): void {
  for (const [name, stream] of Object.entries({ output: process.stdout, error: process.stderr })) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || process.exitCode === EXIT.user) return
      process.exitCode = EXIT.user
      const todo = 'free some space, or send it elsewhere; files of results are not touched by this'
      process.stderr.write(userErrorText(`standard ${name} cannot be written to (${error.code})`, todo))
    })
  }
}

/** The exit status of a command that did not end by itself. */
function exitOfFailure(error: unknown, cancellation: Cancellation): number {
  // Commander has printed the help, the version or the mistake already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.user
  const cancelled = cancellation.exitStatus()
  if (cancelled === undefined) return reportFailure(error)
  process.stderr.write('platepipe: cancelled; no program is left running and no result was touched\n')
  return cancelled
}

/** Runs one command line (without `node platepipe`) and sets the exit status. */
export async function main(args: readonly string[]): Promise<void> {
  outliveOutput()
  const cancellation = cancelOnSignals()
  try {
    if (args.length === 0) {
      throw new UserError('no command was given', 'see platepipe --help; to begin: platepipe doctor')
    }
    await buildProgram(cancellation).parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = exitOfFailure(error, cancellation)
  }
}
