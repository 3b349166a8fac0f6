// platepipe doctor: what is installed, what it is good for, and what to install, in words a newcomer can act on.
import { existsSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type IndexFolder, readIndexFolder, smallestFieldDeg } from '../catalog/indexes.ts'
import { defaultStoreFolder, openStores } from '../catalog/store/star-store.ts'
import { type Config, PARAMETERS, parseConfig } from '../config.ts'
import { UserError } from '../errors.ts'
import { skyShare, union } from '../math/moc.ts'
import { describeProgram, SEXTRACTOR_NAMES, VERSION_OF, type Wanted } from '../tools/versions.ts'
import { EXIT } from './failure.ts'
import { indexCommand, installCommand, PACKAGES, type Package } from './install.ts'
import { type Check, machineChecks, machineText } from './machine.ts'
import { manifest } from './manifest.ts'
import { rawValues } from './options.ts'

interface Program {
  label: string
  wanted: Wanted
  package: Package
  /** Without it nothing can be reduced. */
  needed: boolean
  /** What does not work without it. */
  without: string
  flag: string
}

function programsOf(config: Config): Program[] {
  const only = (name: string) => [name]
  return [
    {
      label: 'SExtractor',
      wanted: {
        names: config.sextractor === undefined ? SEXTRACTOR_NAMES : [config.sextractor],
        ...VERSION_OF.sextractor,
      },
      package: PACKAGES.sextractor,
      needed: true,
      without: 'no star can be found on a scan',
      flag: '--sextractor',
    },
    {
      label: 'solve-field',
      wanted: { names: only(config.solveField), ...VERSION_OF.solveField },
      package: PACKAGES.astrometry,
      needed: true,
      without: 'no plate can be placed on the sky',
      flag: '--solve-field',
    },
    {
      label: 'build-astrometry-index',
      wanted: { names: only(config.buildIndex), ...VERSION_OF.buildIndex },
      package: PACKAGES.astrometry,
      needed: false,
      without: 'fields smaller than the installed indexes serve cannot be solved',
      flag: '--build-index',
    },
    {
      label: 'query-starkd',
      wanted: { names: only(config.queryStarkd), ...VERSION_OF.queryStarkd },
      package: PACKAGES.astrometry,
      needed: false,
      without: 'a plate can only be reduced with --catalog FILE',
      flag: '--query-starkd',
    },
    {
      label: 'funpack',
      wanted: { names: only(config.funpack), ...VERSION_OF.funpack },
      package: PACKAGES.cfitsio,
      needed: false,
      without: 'tile-compressed scans (.fits.fz) cannot be read',
      flag: '--funpack',
    },
  ]
}

async function programCheck(program: Program, signal: AbortSignal): Promise<Check> {
  const found = await describeProgram(program.wanted, signal)
  if (found) {
    return {
      label: program.label,
      state: 'ok',
      found: `${found.version ?? 'version unknown'}, ${found.path}`,
      todo: null,
    }
  }
  return {
    label: program.label,
    state: program.needed ? 'missing' : 'warning',
    found: `not found (${program.wanted.names.join(', ')}); without it ${program.without}`,
    todo: `${installCommand(program.package)}, or give its path with ${program.flag}`,
  }
}

function span(arcmin: number): string {
  return arcmin < 120 ? `${arcmin.toFixed(0)}′` : `${(arcmin / 60).toFixed(0)}°`
}

/** One check per folder of indexes, and one for what they all can solve. */
function indexChecks(folders: readonly IndexFolder[]): Check[] {
  const checks: Check[] = folders.map(({ dir, exists, indexes }) => {
    const label = 'index folder'
    if (!exists) return { label, state: 'warning', found: `${dir} is not there`, todo: indexCommand() }
    if (indexes.length === 0)
      return { label, state: 'warning', found: `${dir} holds no index`, todo: indexCommand() }
    const smallest = Math.min(...indexes.map((index) => index.smallestQuadArcmin))
    const largest = Math.max(...indexes.map((index) => index.largestQuadArcmin))
    const found = `${dir}: ${indexes.length} files, star patterns of ${span(smallest)} to ${span(largest)}`
    return { label, state: 'ok', found, todo: null }
  })
  const fieldDeg = smallestFieldDeg(folders.flatMap((folder) => folder.indexes))
  checks.push(
    fieldDeg === undefined
      ? {
          label: 'fields',
          state: 'missing',
          found: 'no set of indexes covers the sky, so a plate whose place is unknown cannot be solved',
          todo: indexCommand(),
        }
      : {
          label: 'fields',
          state: 'ok',
          found: `plates from about ${fieldDeg.toFixed(1)}° wide solve anywhere; smaller ones need their place and --catalog FILE`,
          todo: null,
        },
  )
  return checks
}

/** The catalogue given, read whole; the store; or what serves without either. */
async function catalogCheck(config: Config, signal: AbortSignal): Promise<Check> {
  const label = 'reference stars'
  const { catalog } = config
  try {
    const isStore = catalog === undefined || (await stat(catalog).catch(() => null))?.isDirectory()
    if (isStore) return await storeCheck(label, catalog ?? defaultStoreFolder())
    const { readReferenceStars } = await import('../catalog/read.ts')
    const stars = await readReferenceStars(catalog, signal)
    const found = `${catalog}: ${stars.length} stars of ${stars.name} at epoch ${stars.refEpochYr}`
    return { label, state: 'ok', found, todo: null }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { label, state: 'missing', found: error.message, todo: error.todo }
  }
}

async function storeCheck(label: string, folder: string): Promise<Check> {
  const stores = await openStores(folder)
  if (stores.length === 0) {
    const found = `no store in ${folder}: reduce fetches the Gaia stars of each plate, or takes Tycho-2 when offline`
    return { label, state: 'ok', found, todo: null }
  }
  const held = stores.map(({ manifest: { release, rows, coverage } }) => {
    const share = 100 * skyShare(union(...coverage.map(({ moc }) => moc)))
    return `${rows} stars of ${release} in ${share.toPrecision(2)} % of the sky`
  })
  return { label, state: 'ok', found: `the store ${folder}: ${held.join(', ')}`, todo: null }
}

/** Whether a folder, or the nearest one above it that exists, can be written to. */
async function writableCheck(label: string, dir: string, flag: string): Promise<Check> {
  let probed = dir
  while (!existsSync(probed)) probed = join(probed, '..')
  try {
    await rm(await mkdtemp(join(probed, '.platepipe-')), { recursive: true })
    return { label, state: 'ok', found: `${dir} can be written to`, todo: null }
  } catch (error) {
    const found = `${probed} cannot be written to (${(error as NodeJS.ErrnoException).code})`
    return { label, state: 'missing', found, todo: `choose another folder with ${flag}` }
  }
}

const MARKS: Record<Check['state'], string> = { ok: 'ok', warning: 'warning', missing: 'MISSING' }

function printForPeople(checks: readonly Check[], ready: boolean): void {
  const lines = [`platepipe ${manifest().version} on ${machineText()}`, '']
  const width = Math.max(...checks.map((check) => check.label.length))
  for (const check of checks) {
    lines.push(`${MARKS[check.state].padEnd(8)} ${check.label.padEnd(width)}  ${check.found}`)
    if (check.todo !== null) lines.push(`${' '.repeat(width + 11)}→ ${check.todo}`)
  }
  lines.push(
    '',
    ready ? 'Plates can be reduced.' : 'Plates cannot be reduced yet: do what the arrows at MISSING say.',
  )
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** Prints the checks; the exit status says whether reduce can work. */
export async function doctorCommand(options: Record<string, unknown>, signal: AbortSignal): Promise<number> {
  const config = parseConfig(rawValues(PARAMETERS, options))
  const work = config.tmpDir ?? tmpdir()
  const checks: Check[] = []
  for (const program of programsOf(config)) checks.push(await programCheck(program, signal))
  checks.push(...indexChecks(await Promise.all(config.indexDir.map(readIndexFolder))))
  checks.push(await catalogCheck(config, signal))
  checks.push(await writableCheck('results', config.out, '--out'))
  checks.push(await writableCheck('work files', work, '--tmp-dir'))
  checks.push(...(await machineChecks(work)))
  const ready = checks.every((check) => check.state !== 'missing')
  if (config.json) process.stdout.write(`${JSON.stringify({ ready, checks }, null, 2)}\n`)
  else printForPeople(checks, ready)
  return ready ? EXIT.ok : EXIT.user
}
