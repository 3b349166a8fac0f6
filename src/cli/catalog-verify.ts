// platepipe catalog verify: whether every tile of the store is whole; with --repair, the store goes on without the others.
import { isSound, type Verified, verifyStore } from '../catalog/survey/verify.ts'
import { UserError } from '../errors.ts'
import { mocText, skyShare } from '../math/moc.ts'
import { count } from '../report/numbers.ts'
import { largestField } from '../report/sky-inset.ts'
import { plural, storesOf } from './catalog-contents.ts'
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
  return `${release}: ${plural(tiles, 'tile')} with ${count(rows)} stars, ${state}`
}

/** What is not as it should be; nothing where all is well. */
function told({ release, folder, damaged, manifestFaults, strays, repaired }: Verified): string {
  const lines = damaged.map(
    ({ file, cell, rows, what }) =>
      `damaged  ${folder}/${file} (cell ${cell}, ${count(rows)} stars): ${what}`,
  )
  lines.push(...manifestFaults.map((what) => `damaged  the manifest of ${release}: ${what}`))
  if (repaired !== null) lines.push(...repairText(release, repaired))
  for (const { file, old, removed } of strays) {
    const state = removed ? 'removed' : old ? 'left over' : 'unknown'
    const why = old
      ? `no manifest names it${removed ? '' : '; --repair removes it'}`
      : 'of a process at work, or left by one, or dropped by a repair; it goes when it is a day old'
    lines.push(`${state.padEnd(8)} ${folder}/${file}: ${why}`)
  }
  return lines.map((text) => `${text}\n`).join('')
}

/** What is gone, and where it was, for the command that brings it back. */
function repairText(release: string, { tiles, rows, lost }: NonNullable<Verified['repaired']>): string[] {
  const share = Number((100 * skyShare(lost)).toPrecision(2))
  const field = largestField([lost])
  const where =
    field === undefined
      ? ''
      : `; ${field.of > 1 ? `the largest of ${field.of} fields` : 'the field'}: --ra ${field.centre[0].toFixed(3)} ` +
        `--dec ${field.centre[1].toFixed(3)} --radius ${(Math.ceil(field.radiusDeg * 100) / 100).toFixed(2)}`
  return [
    `repaired ${release}: ${plural(tiles, 'tile')} with ${count(rows)} stars dropped`,
    ...(lost.length === 0 ? [] : [`         fetch or import again ${share} % of the sky${where}`]),
  ]
}

function damage(broken: readonly Verified[]): UserError {
  const tiles = broken.reduce((sum, { damaged }) => sum + damaged.length, 0)
  const all = broken.reduce((sum, one) => sum + one.tiles, 0)
  const first = broken.flatMap(({ folder, damaged, manifestFaults }) => [
    ...damaged.map(({ file, what }) => `${folder}/${file}: ${what}`),
    ...manifestFaults.map((what) => `the manifest in ${folder}: ${what}`),
  ])[0]
  return new UserError(
    tiles === 0
      ? `the store is damaged: ${first}`
      : `of ${plural(all, 'tile')} ${tiles} ${tiles === 1 ? 'is' : 'are'} damaged: ${first}${tiles > 1 ? ', and others' : ''}`,
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
      moc: mocText(repaired.lost),
      generation: repaired.generation,
    },
  }
}
