// platepipe catalog index: makes astrometry.net indexes of the stars of the store, with which reduce solves plates of
// their epochs wherever they point.
import { resolve } from 'node:path'
import { type Indexed, indexStore } from '../catalog/index/build.ts'
import { parseEpochs } from '../catalog/index/epochs.ts'
import type { IndexEntry } from '../catalog/index/manifest.ts'
import { cellsOn, SKY_DEG2 } from '../catalog/index/regions.ts'
import { parseFieldWidths, STARS_PER_CELL } from '../catalog/index/scales.ts'
import { openStores, type StarStore, storeCovers } from '../catalog/store/star-store.ts'
import { UserError } from '../errors.ts'
import type { Cone } from '../math/healpix.ts'
import { skyShare } from '../math/moc.ts'
import { type CatalogConfig, catalogConfig, coneOf, storeFolderOf } from './catalog-options.ts'
import { EXIT } from './failure.ts'
import { chooseProgress, type StoppableProgress } from './progress.ts'

/** What a cone's edge leaves of the cells that it is counted in. */
const NEARLY_ALL = 0.98

export async function catalogIndexCommand(
  options: Record<string, unknown>,
  signal: AbortSignal,
): Promise<number> {
  const config = catalogConfig('index', options)
  const epochsYr = parseEpochs(config.epochs)
  const fieldDeg = parseFieldWidths(config.field)
  const target = targetOf(config)
  const store = await neededStore(config)
  const progress = chooseProgress(config)
  try {
    progress.stage('index', `fields of ${config.field}° at ${epochsYr.map((year) => `J${year}`).join(', ')}`)
    if (target !== 'sky') warnOfGaps(progress, store, target)
    const result = await indexStore(store, {
      ...{ target, epochsYr, fieldDeg, signal, progress },
      limitMag: config.limitMag ?? null,
      program: config.buildIndex,
      tmpDir: config.tmpDir === undefined ? null : resolve(config.tmpDir),
    })
    const { built, kept, empty } = result
    if (built.length + kept.length === 0) throw noneMade(result)
    progress.done(`${built.length} indexes made, ${kept.length} there already`)
    for (const one of empty) {
      const [low, high] = one.quadsArcmin
      progress.warn(`none at J${one.epochYr} with quads of ${low}–${high}′ of ${one.region}: ${one.why}`)
    }
    for (const entry of [...built, ...kept]) warnOfSparse(progress, entry)
    if (config.json) progress.event('result', { ...result, built: built.map(told), kept: kept.map(told) })
    else if (!config.quiet) process.stdout.write(tableOf(result))
  } finally {
    progress.stop(false)
  }
  return EXIT.ok
}

async function neededStore(config: CatalogConfig): Promise<StarStore> {
  const folder = storeFolderOf(config)
  const stores = await openStores(folder)
  const found = stores.find(({ manifest }) => manifest.release === config.release)
  if (found !== undefined) return found
  const others = stores.map(({ manifest }) => manifest.release)
  throw new UserError(
    `there is no store of ${config.release} in ${folder}`,
    others.length > 0
      ? `it holds ${others.join(' and ')}: choose with --release`
      : 'fill it with platepipe catalog fetch or platepipe catalog import, or name another with --catalog',
  )
}

function targetOf(config: CatalogConfig): Cone | 'sky' {
  const cone = coneOf(config)
  if (cone !== undefined && config.sky) {
    throw new UserError('--sky was given with a field', 'give --sky, or --ra, --dec and --radius')
  }
  if (cone !== undefined) return cone
  if (config.sky) return 'sky'
  throw new UserError(
    'neither a field nor --sky was given',
    'give --ra, --dec and --radius in degrees, or --sky for all that the store covers',
  )
}

function warnOfGaps(progress: StoppableProgress, store: StarStore, cone: Cone): void {
  const share = storeCovers(store, cone, 0)
  if (share > 0 && share < NEARLY_ALL) {
    progress.warn(`the store covers ${Math.floor(100 * share)} % of the field: the rest gets no index`)
  }
}

/** Below this share of the stars that are wanted, many fields have too few quads. */
const SPARSE_SHARE = 0.5

function warnOfSparse(progress: StoppableProgress, entry: IndexEntry): void {
  const [low, high] = entry.quads_arcmin
  const perCell = entry.stars / cellsOn(skyShare(entry.moc) * SKY_DEG2, low)
  if (perCell >= SPARSE_SHARE * STARS_PER_CELL) return
  const depth = entry.limit_mag === null ? '' : ` to G = ${entry.limit_mag.toFixed(1)}`
  progress.warn(
    `quads of ${low}–${high}′ at J${entry.epoch_yr}: ${perCell.toFixed(1)} stars in a cell of ${low}′${depth}, and ` +
      `${STARS_PER_CELL} are wanted; small fields may stay unsolved with so few stars`,
  )
}

function noneMade({ empty }: Indexed): UserError {
  return new UserError(
    `no index could be made: ${empty[0]?.why ?? 'nothing was asked for'} in ${empty[0]?.region ?? 'the field'}`,
    'fill the store deeper, or index a wider field or smaller widths with --field',
  )
}

/** What programs may want to know of an index; its region in a word. */
function told({ moc, command, ...entry }: IndexEntry): Omit<IndexEntry, 'moc' | 'command'> {
  return entry
}

function tableOf({ folder, built, kept }: Indexed): string {
  const lines = [...built, ...kept].map((entry) => {
    const [low, high] = entry.quads_arcmin
    const depth = entry.limit_mag === null ? 'every star' : `to G = ${entry.limit_mag.toFixed(1)}`
    return `  ${entry.file}  J${entry.epoch_yr}, quads ${low}–${high}′, ${entry.stars} stars, ${depth}\n`
  })
  return `${folder}\n${lines.join('')}`
}
