// platepipe catalog fetch: fills the store with the stars of a field.
import { join } from 'node:path'
import { fetchField } from '../catalog/fetch.ts'
import { openChosenGaia } from '../catalog/gaia.ts'
import { catalogConfig, neededCone, storeFolderOf } from './catalog-options.ts'
import { EXIT } from './failure.ts'
import { manifest } from './manifest.ts'
import { chooseProgress } from './progress.ts'

const BAR_CHARS = 24

/** `████████░░░░  33 %`. */
export function bar(done: number): string {
  const full = Math.round(done * BAR_CHARS)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_CHARS - full)} ${String(Math.floor(100 * done)).padStart(3)} %`
}

export async function catalogFetchCommand(
  options: Record<string, unknown>,
  signal: AbortSignal,
): Promise<number> {
  const config = catalogConfig('fetch', options)
  const cone = neededCone(config)
  const folder = join(storeFolderOf(config), config.release)
  const progress = chooseProgress(config)
  const limitMag = config.limitMag ?? null
  try {
    progress.stage('fetch', `${config.release} within ${cone.radiusDeg}° of ${cone.raDeg} ${cone.decDeg}`)
    const { release, mirror: mirrors } = config
    const { version } = manifest()
    const onStep = (text: string) => progress.step(text)
    const result = await fetchField({
      openService: () => openChosenGaia({ release, mirrors, version, signal, onStep }),
      ...{ folder, cone, limitMag, queryRows: config.queryRows, by: `platepipe ${version}`, signal },
      onStep: config.verbose ? onStep : undefined,
      onProgress: (done, stars, service) => onStep(`${bar(done)}  ${stars} stars from ${service}`),
    })
    const { stars, rows, service, columnsMissing } = result
    progress.done(service === null ? 'all of it was there' : `${stars} stars from ${service}`)
    if (columnsMissing.length > 0) progress.warn(`${service} lacks ${columnsMissing.join(', ')}`)
    const told = { folder, release, stars, queries: result.queries, rows, service }
    if (config.json) progress.event('result', { ...told, columns_missing: columnsMissing })
    else if (!config.quiet) process.stdout.write(`${folder}  ${rows} stars in all\n`)
  } finally {
    progress.stop(false)
  }
  return EXIT.ok
}
