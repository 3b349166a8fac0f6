// platepipe simulate: makes a scan whose truth is known, and says which files hold what.
import { readFile } from 'node:fs/promises'
import { parseConfig } from '../config.ts'
import { UserError } from '../errors.ts'
import { checkedValue } from '../parameter.ts'
import { SIMULATE_PARAMETERS } from '../simulate/options.ts'
import { type SimulateResult, simulate } from '../simulate/simulate.ts'
import { EXIT } from './failure.ts'
import { type ParameterTable, rawValues } from './options.ts'
import { chooseProgress } from './progress.ts'
import { SIMULATE_RUN_PARAMETERS } from './simulate-options.ts'

/** The options in a recipe: either alone, or under `options` as simulate itself writes them. */
async function readRecipe(path: string): Promise<Record<string, unknown>> {
  const todo = 'give a JSON file with the options of simulate by name, such as the one that simulate writes'
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new UserError(`the recipe ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, todo)
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new UserError(`the recipe ${path} is not JSON`, todo)
  }
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  const options = isObject(json) && isObject(json.options) ? json.options : json
  if (!isObject(options)) throw new UserError(`the recipe ${path} holds no options`, todo)
  return options
}

function told(result: SimulateResult): string {
  const { counts } = result
  const files: [string, string][] = [
    [result.scan, `the scan, ${result.width} × ${result.height} pixels, epoch ${result.epochYr.toFixed(2)}`],
    [result.truth, `the truth: ${counts.onPlate} images of stars on the plate`],
    [result.reference, `${counts.reference} reference stars, for --catalog`],
    [result.artefacts, `${counts.artefacts} marks of damage`],
    [result.recipe, 'the options, for --recipe'],
  ]
  const width = Math.max(...files.map(([path]) => path.length))
  return files.map(([path, use]) => `${path.padEnd(width)}  ${use}\n`).join('')
}

/** Makes the plate; the options of the command line go before those of the recipe. */
export async function simulateCommand(
  options: Record<string, unknown>,
  signal: AbortSignal,
): Promise<number> {
  const run: ParameterTable = SIMULATE_RUN_PARAMETERS
  const raw = rawValues(run, options)
  const { recipe, out, ...shared } = raw
  const config = parseConfig(shared)
  const outDir = checkedValue(SIMULATE_RUN_PARAMETERS.out, out)
  const given = {
    ...(recipe === undefined ? {} : await readRecipe(String(recipe))),
    ...rawValues(SIMULATE_PARAMETERS, options),
  }
  const progress = chooseProgress(config)
  try {
    progress.stage('simulate', 'the plate')
    const result = await simulate(given, {
      outDir,
      indexDirs: config.indexDir,
      signal,
      onProgress: progress.step,
    })
    progress.done(`${result.name}: ${result.counts.onPlate} images of stars`)
    if (config.json) progress.event('result', { ...result })
    else if (!config.quiet) process.stdout.write(told(result))
  } finally {
    progress.stop(false)
  }
  return EXIT.ok
}
