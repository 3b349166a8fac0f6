// platepipe catalog import: fills the store from files.
import { stat } from 'node:fs/promises'
import { parseColumnNames } from '../catalog/import/map-option.ts'
import type { ImportTally } from '../catalog/import/star-batches.ts'
import { importFiles } from '../catalog/import-files.ts'
import { CATALOG_PARAMETERS } from '../catalog/parameters.ts'
import type { Coverage } from '../catalog/store/manifest.ts'
import { UserError } from '../errors.ts'
import { cellAreaDeg2, FINEST_ORDER } from '../math/healpix.ts'
import { catalogConfig, coneOf, storeFolderOf } from './catalog-options.ts'
import { EXIT } from './failure.ts'
import { manifest } from './manifest.ts'
import { rawValues } from './options.ts'
import { chooseProgress } from './progress.ts'

export async function catalogImportCommand(
  files: readonly string[],
  options: Record<string, unknown>,
  signal: AbortSignal,
): Promise<number> {
  const config = catalogConfig('import', options)
  const map = config.map.length === 0 ? undefined : parseColumnNames(config.map.join(','))
  // A release that is only the default must not overrule what a file says of itself.
  const release = rawValues(CATALOG_PARAMETERS, options).release === undefined ? undefined : config.release
  for (const path of files) await checkFile(path)
  const progress = chooseProgress(config)
  const began = performance.now()
  try {
    progress.stage('import', files.length === 1 ? files[0]! : `${files.length} files`)
    const result = await importFiles({
      ...{ files, folder: storeFolderOf(config), map, release, cone: coneOf(config), signal },
      ...{ limitMag: config.limitMag, tmpDir: config.tmpDir, by: `platepipe ${manifest().version}` },
      onProgress: (what, rows) => progress.step(`${rows} stars ${what}`),
    })
    const { tally, coverage, folder, rows } = result
    const seconds = (performance.now() - began) / 1000
    progress.done(`${tally.rows} stars of ${tally.release} (${Math.round(tally.rows / seconds)} a second)`)
    for (const text of warningsOf(result)) progress.warn(text)
    const area = coverage.reduce((sum, { moc }) => {
      return sum + moc.reduce((cells, [first, end]) => cells + end - first, 0) * cellAreaDeg2(FINEST_ORDER)
    }, 0)
    const limitMag = coverage[0]?.limit_mag ?? null
    if (config.json) {
      const { assumptions, ...counts } = tally
      const told = {
        ...snakeCased(counts),
        assumptions: [...assumptions],
        area_deg2: coverage.length === 0 ? null : area,
        limit_mag: limitMag,
        stars_in_store: rows,
      }
      progress.event('result', { folder, ...told })
    } else if (!config.quiet) {
      const covered = coverage.length === 0 ? 'what they cover is not known' : coverText(coverage, area)
      process.stdout.write(`${folder}  ${rows} stars in all; ${covered}\n`)
    }
  } finally {
    progress.stop(false)
  }
  return EXIT.ok
}

function coverText([first]: readonly Coverage[], areaDeg2: number): string {
  const limitMag = first?.limit_mag ?? null
  const depth = limitMag === null ? 'with every star' : `to about G = ${limitMag}`
  const guess = first?.estimated ? ', estimated from the stars (--ra, --dec, --radius would state it)' : ''
  return `the files cover ${areaDeg2.toPrecision(3)} deg² ${depth}${guess}`
}

async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (found === null) throw new UserError(`${path} does not exist`, 'give files of stars to import')
  if (!found.isFile()) throw new UserError(`${path} is no file`, 'give files of stars to import')
}

function warningsOf({ tally }: { tally: ImportTally }): string[] {
  const { withoutPlace, withoutMotion, withoutMagnitude, withoutNumber, foreignNumber, replaced } = tally
  const stars = (count: number) => `${count} star${count === 1 ? '' : 's'}`
  return [
    ...(withoutPlace > 0 ? [`${stars(withoutPlace)} without a place were left out`] : []),
    ...(withoutMotion > 0
      ? [`${stars(withoutMotion)} have no proper motion: they are kept, but are no reference stars`]
      : []),
    ...(withoutMagnitude > 0 ? [`${stars(withoutMagnitude)} have no magnitude G`] : []),
    ...(withoutNumber > 0
      ? [`${withoutNumber} of ${tally.rows} stars have no whole number as source_id: 0 was taken`]
      : []),
    ...(foreignNumber > 0
      ? [
          `${foreignNumber} of ${tally.rows} stars have numbers that are not Gaia's: their places tell them apart`,
        ]
      : []),
    ...(replaced > 0 ? [`${replaced} rows replaced earlier rows of the same star in these files`] : []),
    ...tally.assumptions,
  ]
}

/** `refEpochYr` is `ref_epoch_yr` in JSON, as all keys of results are. */
function snakeCased(values: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`),
      value,
    ]),
  )
}
