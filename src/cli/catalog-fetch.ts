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
    const onStep = (text: string) => progress.step(text)
    const { release, mirror: mirrors } = config
    const { version } = manifest()
    const service = await openChosenGaia({ release, mirrors, version, signal, onStep })
    const result = await fetchField({
      ...{ service, folder, cone, limitMag, by: `platepipe ${version}`, signal },
      onStep: (text) => {
        if (config.verbose) progress.step(text)
      },
      onProgress: (done, stars) => progress.step(`${bar(done)}  ${stars} stars from ${service.name}`),
    })
    const { stars, rows, columnsMissing } = result
    progress.done(
      stars === 0 && result.queries === 0 ? 'all of it was there' : `${stars} stars from ${service.name}`,
    )
    if (columnsMissing.length > 0) progress.warn(`${service.name} lacks ${columnsMissing.join(', ')}`)
    if (config.json) progress.event('result', { folder, ...result })
    else if (!config.quiet) process.stdout.write(`${folder}  ${rows} stars in all\n`)
  } finally {
    progress.stop(false)
  }
  return EXIT.ok
}
