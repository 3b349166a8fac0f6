// platepipe catalog verify: whether every tile of the store is whole; with --repair, the store goes on without the others.
import { isSound, type Verified, verifyStore } from '../catalog/survey/verify.ts'
import { UserError } from '../errors.ts'
import { count } from '../report/numbers.ts'
import { storesOf } from './catalog-info.ts'
import { catalogConfig } from './catalog-options.ts'
import { EXIT } from './failure.ts'
import { chooseProgress } from './progress.ts'

/**
 * Exit status 0: all is well, or is again after a repair; 2, by UserError: something is damaged.
 */
export async function catalogVerifyCommand(
  options: Record<string, unknown>,
  signal: AbortSignal,
): Promise<number> {
  const config = catalogConfig('verify', options)
  const { repair } = config
  const progress = chooseProgress(config)
  const found: Verified[] = []
  try {
    for (const store of await storesOf('verify', options)) {
      progress.stage('verify', store.manifest.release)
      const verified = await verifyStore(store, { repair, signal, onStep: progress.step })
      found.push(verified)
      progress.done(summary(verified))
      if (config.json) progress.event('result', asJson(verified))
      else if (!config.quiet) process.stdout.write(told(verified))
    }
  } finally {
    progress.stop(false)
  }
  const broken = found.filter((one) => !isSound(one))
  if (broken.length > 0) throw damage(broken)
  return EXIT.ok
}

function summary({ release, tiles, rows, damaged }: Verified): string {
  const state = damaged.length === 0 ? 'all whole' : `${damaged.length} damaged`
  return `${release}: ${count(tiles)} tiles with ${count(rows)} stars, ${state}`
}

/** What is not as it should be; nothing where all is well. */
function told({ release, folder, damaged, manifestFaults, strays, repaired }: Verified): string {
  const lines = damaged.map(
    ({ file, cell, rows, what }) =>
      `damaged  ${folder}/${file} (cell ${cell}, ${count(rows)} stars): ${what}`,
  )
  lines.push(...manifestFaults.map((what) => `damaged  the manifest of ${release}: ${what}`))
  if (repaired !== null) {
    lines.push(
      `repaired ${release}: ${repaired.tiles} tiles with ${count(repaired.rows)} stars dropped, and what they covered, ` +
        `${Number((100 * repaired.skyShare).toPrecision(2))} % of the sky; fetch or import that again`,
    )
  }
  for (const { file, old, removed } of strays) {
    const state = removed ? 'removed' : old ? 'left over' : 'unknown'
    const why = old
      ? `a process was killed${removed ? '' : '; --repair removes it'}`
      : 'another process is at work, or was killed'
    lines.push(`${state.padEnd(8)} ${folder}/${file}: ${why}`)
  }
  return lines.map((text) => `${text}\n`).join('')
}

function damage(broken: readonly Verified[]): UserError {
  const tiles = broken.reduce((sum, { damaged }) => sum + damaged.length, 0)
  const all = broken.reduce((sum, one) => sum + one.tiles, 0)
  const first = broken.flatMap(({ folder, damaged, manifestFaults }) => [
    ...damaged.map(({ file, what }) => `${folder}/${file}: ${what}`),
    ...manifestFaults.map((what) => `the manifest in ${folder}: ${what}`),
  ])[0]
  return new UserError(
    tiles === 0 ? `the store is damaged: ${first}` : `${tiles} of ${all} tiles are damaged, such as ${first}`,
    'platepipe catalog verify --repair drops them and what they covered; then fetch or import their stars again',
  )
}

function asJson(found: Verified) {
  const { repaired } = found
  return {
    release: found.release,
    folder: found.folder,
    generation: found.generation,
    sound: isSound(found),
    tiles: found.tiles,
    stars: found.rows,
    bytes: found.bytes,
    damaged: found.damaged.map(({ rows, ...rest }) => ({ ...rest, stars: rows })),
    manifest_faults: found.manifestFaults,
    strays: found.strays,
    repaired: repaired && {
      tiles: repaired.tiles,
      stars: repaired.rows,
      sky_share: repaired.skyShare,
      generation: repaired.generation,
    },
  }
}
