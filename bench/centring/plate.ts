// One plate of the comparison of places: reduced with its work files kept, PSF-fitted from those, and judged.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bench, command, judge } from '../acceptance/bench.ts'
import { M67, M67_STARS } from '../acceptance/m67.ts'

export interface Recipe {
  name: string
  options: Record<string, unknown>
}

/** Error of a kind of places in a group of images, px per axis. */
export interface Spread {
  rms: number
  robust: number
}

export const KINDS = ['isophotal', 'windowed', 'psf', 'platepipe'] as const
export type Kind = (typeof KINDS)[number]

export type Group = { n: number; profile: number | null } & Partial<Record<Kind, Spread | null>>

/** What bench/judges/centring.py prints. */
export interface Judged {
  groups: Record<string, Group>
  /** Arcsec per pixel; null on a simulated plate. */
  scale: number | null
  pull: Spread | null
  worst: {
    source_id: string
    g: number
    x: number
    y: number
    off: [number, number]
    windowed: [number, number]
    flags: number
  }[]
}

/** What bench/judges/centring_psf.py prints: CPU seconds. */
interface PsfRun {
  seconds: number | null
  sextractor: number | null
  why: string
}

export interface Compared {
  name: string
  judged: Judged
  psf: PsfRun
  /** Of the stage that finds and measures images, and of SExtractor's two runs in it, as the clock shows them. */
  extractSeconds: number
  sextractorSeconds: number
}

const M67_EPOCH = '1951.911'

export async function compare(bench: Bench, recipe: Recipe | null, seed: number): Promise<Compared> {
  const name = recipe?.name ?? 'm67'
  const place = recipe === null ? m67(bench) : await simulated(bench, recipe, seed)
  const work = join(bench.out, 'work', name)
  await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true })
  const options = ['--catalog', place.stars, '--id', name, '-o', bench.out, '--force', '--offline']
  const run = await command(bench, ['reduce', place.scan, ...options, '--keep-work', '--tmp-dir', work])
  if (run.exit !== 0) throw new Error(`${name}: exit ${run.exit}\n${run.stderr}`)
  const kept = join(work, (await readdir(work))[0]!)
  const psf = await judge<PsfRun>('centring_psf', [kept])
  const folder = join(bench.out, name)
  const judged = await judge<Judged>('centring', [folder, kept, ...place.reference])
  const record = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as RunRecord
  await rm(work, { recursive: true, force: true })
  const sextractor = record.runs.filter(({ command: [, ...args] }) =>
    args.some((arg) => arg.endsWith('.sex')),
  )
  return {
    ...{ name, judged, psf },
    extractSeconds: record.timings_s.extract ?? Number.NaN,
    sextractorSeconds: sextractor.reduce((sum, one) => sum + one.seconds, 0),
  }
}

interface RunRecord {
  timings_s: Record<string, number>
  runs: { command: string[]; seconds: number }[]
}

interface Place {
  scan: string
  stars: string
  /** Further arguments of the judge. */
  reference: string[]
}

function m67(bench: Bench): Place {
  const stars = join(bench.shared, M67_STARS)
  return { scan: join(bench.shared, M67), stars, reference: [stars, M67_EPOCH] }
}

async function simulated(bench: Bench, recipe: Recipe, seed: number): Promise<Place> {
  const plates = join(bench.out, 'plates')
  await mkdir(plates, { recursive: true })
  const file = (end: string) => join(plates, `${recipe.name}${end}`)
  await writeFile(file('.recipe.json'), JSON.stringify({ ...recipe.options, name: recipe.name, seed }))
  const made = await command(bench, ['simulate', '--recipe', file('.recipe.json'), '--out', plates])
  if (made.exit !== 0) throw new Error(`simulate ${recipe.name}: exit ${made.exit}\n${made.stderr}`)
  return { scan: file('.fits'), stars: file('-reference.csv'), reference: [file('-truth.fits')] }
}
