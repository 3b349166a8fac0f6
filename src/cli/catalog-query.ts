// platepipe catalog query: stars of the store for other programs.
import { join } from 'node:path'
import { checkStarFile, csvLines, writeStars } from '../catalog/query/star-file.ts'
import { queryStore } from '../catalog/query.ts'
import { coveredAnyhow, openStore, storeCovers } from '../catalog/store/star-store.ts'
import { UserError } from '../errors.ts'
import { catalogConfig, neededCone, storeFolderOf } from './catalog-options.ts'
import { EXIT } from './failure.ts'
import { chooseProgress } from './progress.ts'

const NEARLY_ALL = 0.98

export async function catalogQueryCommand(
  options: Record<string, unknown>,
  signal: AbortSignal,
): Promise<number> {
  const config = catalogConfig('query', options)
  const cone = neededCone(config)
  if (config.out !== undefined) await checkStarFile(config.out)
  const folder = join(storeFolderOf(config), config.release)
  const store = await openStore(folder)
  if (store === null) {
    throw new UserError(
      `there is no store of ${config.release} in ${storeFolderOf(config)}`,
      'fill it with platepipe catalog fetch or platepipe catalog import, or name another with --catalog',
    )
  }
  const progress = chooseProgress(config)
  const { limitMag, epoch: epochYr } = config
  const found = await queryStore(store, cone, { limitMag, epochYr, signal })
  const share = storeCovers(store, cone, limitMag ?? null)
  const anyhow = coveredAnyhow(store, cone)
  if (anyhow < NEARLY_ALL) {
    progress.warn(
      `the store covers ${Math.floor(100 * anyhow)} % of the field: the stars of the rest are lacking`,
    )
  } else if (share < NEARLY_ALL) {
    const depth = limitMag === undefined ? 'the faintest stars' : `G = ${limitMag}`
    progress.warn(
      `the store does not reach to ${depth} in all of the field (platepipe catalog info says how far)`,
    )
  }
  if (found.withoutMotion > 0) {
    progress.warn(`${found.withoutMotion} stars without proper motions cannot be moved and are left out`)
  }
  if (config.out !== undefined) await writeStars(config.out, found, signal)
  const result = {
    release: found.release,
    epoch_yr: found.epochYr,
    stars: found.stars.length,
    covered_share: share,
    file: config.out ?? null,
  }
  if (config.json) progress.event('result', result)
  else if (config.out === undefined) for (const text of csvLines(found)) process.stdout.write(text)
  else if (!config.quiet)
    process.stdout.write(`${config.out}  ${found.stars.length} stars at J${found.epochYr}\n`)
  return EXIT.ok
}
