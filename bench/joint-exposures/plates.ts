// Simulated plates of several exposures as the joint fit sees them: the detections of each exposure by the truth file, a linear
// solution of each that is right, reference stars at its epoch, and the true places of its images.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import KDBush from 'kdbush'
import { atEpoch } from '../../src/catalog/at-epoch.ts'
import { openReference } from '../../src/catalog/reference.ts'
import { parseConfig } from '../../src/config.ts'
import { readFitsTable } from '../../src/fits/table.ts'
import { PLATE_MODELS } from '../../src/models/models.ts'
import { frameOf, fromLinearWcs } from '../../src/models/plate-constants.ts'
import type { RefineInput } from '../../src/refine.ts'
import { REJECT } from '../../src/reject.ts'
import { linearCd } from '../../src/simulate/geometry.ts'
import { type SimulateResult, simulate } from '../../src/simulate/simulate.ts'
import { detected } from '../false-solutions/plates.ts'

/** An image of which the truth is known: where it is on the plate (px) and what is there on the sky (degrees). */
export interface TrueImage {
  x: number
  y: number
  raDeg: number
  decDeg: number
  gMag: number
  bpRp: number
}

export interface BenchExposure {
  input: RefineInput
  truth: TrueImage[]
  fwhmPx: number
  umPerDeg: number
}

export interface Case {
  name: string
  /** Of `platepipe simulate`. */
  options: Record<string, unknown>
  /** Shifts on the plate, um. */
  offsetsUm: [x: number, y: number][]
  /**
   * The plate was moved behind the telescope: one scan of the kind multi. Else the telescope was moved, which the simulator does not
   * know: scans of one exposure each, of the same telescope pointed elsewhere.
   */
  moved: 'plate' | 'telescope'
  /** One set of options for each exposure, beside the others: exposures that do not belong together. */
  each?: Record<string, unknown>[]
  /** The joint fit must not be taken. */
  apart?: boolean
}

/** As kept from an earlier run with the same seed, else made now. */
export async function exposuresOf(given: Case, seed: number, out: string): Promise<BenchExposure[]> {
  const folder = join(out, 'plates')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${given.name.replaceAll(/\W+/g, '-')}-${seed}.v8`)
  if (existsSync(path)) return deserialize(readFileSync(path)) as BenchExposure[]
  const found =
    given.moved === 'plate' ? await ofOnePlate(given, seed, out) : await ofOneTelescope(given, seed, out)
  writeFileSync(path, serialize(found))
  return found
}

async function ofOnePlate({ options, offsetsUm }: Case, seed: number, out: string): Promise<BenchExposure[]> {
  const offsets = offsetsUm.map((offset) => offset.join()).join(' ')
  const made = await simulate(
    {
      polarity: 'positive',
      stars: 'synthetic',
      ...options,
      kind: 'multi',
      offsets,
      seed,
      name: `multi-${seed}`,
    },
    { outDir: join(out, 'scans') },
  )
  return await split(made, out, offsetsUm)
}

const SEED_STEP = 1000 // from one exposure to the next: other stars and other grain

async function ofOneTelescope(
  { options, offsetsUm, each }: Case,
  seed: number,
  out: string,
): Promise<BenchExposure[]> {
  const exposures: BenchExposure[] = []
  for (const n of offsetsUm.keys()) {
    const own = seed + n * SEED_STEP
    const made = await simulate(
      {
        polarity: 'positive',
        stars: 'synthetic',
        ...options,
        ...each?.[n],
        seed: own,
        name: `single-${own}`,
      },
      { outDir: join(out, 'scans') },
    )
    const [exposure] = await split(made, out, [[0, 0]])
    const { detections } = exposure!.input
    const detId = detections.detId.map((id) => id + n * 1_000_000) // scans of their own: no detection is shared
    exposures.push({ ...exposure!, input: { ...exposure!.input, detections: { ...detections, detId } } })
  }
  return exposures
}

async function split(
  made: SimulateResult,
  out: string,
  offsetsUm: Case['offsetsUm'],
): Promise<BenchExposure[]> {
  const { constants } = made
  const found = await detected(made.scan, join(out, 'scans'))
  const { width, height, detections, fwhmPx, filtered } = found
  const truth = await truthOf(made.truth)
  const exposure = whose(detections, truth, fwhmPx)
  const reference = await openReference(parseConfig({ offline: true, catalog: made.reference }), {
    ...{ workDir: found.workDir, signal: found.signal, version: 'bench', onStep: () => {} },
  })
  const given = (await reference.forSolving({
    ...{ place: null, fieldDeg: null, plateStars: filtered.ranked.length },
  }))!
  const recipe = JSON.parse(readFileSync(made.recipe, 'utf8')) as { exposures: { epochYr: number }[] }
  const [cos, sin] = [Math.cos, Math.sin].map((f) => f((constants.rotationDeg * Math.PI) / 180)) as [
    number,
    number,
  ]
  rmSync(found.workDir, { recursive: true, force: true })
  rmSync(made.scan)
  return offsetsUm.map(([x, y], n): BenchExposure => {
    const crpix = [
      constants.centrePx[0] + (x * cos - y * sin) / constants.pixelUm,
      constants.centrePx[1] + (x * sin + y * cos) / constants.pixelUm,
    ] as const
    const wcs = { crval: [constants.raDeg, constants.decDeg] as const, crpix, cd: linearCd(constants) }
    const isOther = (row: number) => exposure[row]! >= 0 && exposure[row] !== n
    return {
      fwhmPx,
      umPerDeg: (3600 / constants.scaleArcsecPerPx) * constants.pixelUm,
      truth: truth.filter((image) => image.exposure === n),
      input: {
        start: fromLinearWcs(wcs, frameOf(width, height), PLATE_MODELS[0]!),
        detections,
        ranked: filtered.ranked.filter((row) => !isOther(row)),
        reject: filtered.reject.map((reasons, row) => (isOther(row) ? reasons | REJECT.MASKED : reasons)),
        stars: atEpoch(given.stars, given.usable, recipe.exposures[n]!.epochYr),
        ...{ width, height },
      },
    }
  })
}

async function truthOf(path: string): Promise<(TrueImage & { exposure: number; mag: number })[]> {
  const { columns } = await readFitsTable(path)
  const column = (name: string) => columns.find((own) => own.name === name)!.data as ArrayLike<number>
  const names = ['x', 'y', 'ra', 'dec', 'phot_g_mean_mag', 'bp_rp', 'exposure', 'mag', 'on_plate'] as const
  const at = names.map(column)
  return Array.from({ length: at[0]!.length }, (_, i) => at.map((values) => Number(values[i]!)) as number[])
    .filter((row) => row[8] === 1)
    .map(([x, y, raDeg, decDeg, gMag, bpRp, exposure, mag]) => ({
      ...{ x: x!, y: y!, raDeg: raDeg!, decDeg: decDeg!, gMag: gMag!, bpRp: bpRp! },
      ...{ exposure: exposure!, mag: mag! },
    }))
}

/** The exposure of the brightest true image within half a width of each detection; −1 where there is none. */
export function whose(
  detections: RefineInput['detections'],
  truth: readonly { x: number; y: number; exposure: number; mag: number }[],
  fwhmPx: number,
): Int8Array {
  const tree = new KDBush(truth.length)
  for (const { x, y } of truth) tree.add(x, y)
  tree.finish()
  return Int8Array.from(detections.x, (x, row) => {
    const near = tree.within(x, detections.y[row]!, fwhmPx / 2).map((at) => truth[at]!)
    near.sort((a, b) => a.mag - b.mag)
    return near[0]?.exposure ?? -1
  })
}
