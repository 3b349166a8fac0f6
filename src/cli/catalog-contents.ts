// platepipe catalog info: what the store holds, with a map of the sky.
import { writeFile } from 'node:fs/promises'
import { openStores, type StarStore } from '../catalog/store/star-store.ts'
import { type Surveyed, surveyStore } from '../catalog/survey/survey.ts'
import { throwIfCancelled, UserError } from '../errors.ts'
import { mocText } from '../math/moc.ts'
import { count } from '../report/numbers.ts'
import { skyBlocks } from '../report/sky-blocks.ts'
import { skyMap } from '../report/sky-map.ts'
import { type CatalogCommand, catalogConfig, storeFolderOf } from './catalog-options.ts'
import { EXIT } from './failure.ts'

/** The releases in the store; only that of --release where it was given. @throws UserError where there is none */
export async function storesOf(
  command: CatalogCommand,
  options: Record<string, unknown>,
): Promise<StarStore[]> {
  const config = catalogConfig(command, options)
  const folder = storeFolderOf(config)
  const stores = await openStores(folder)
  const wanted = stores.filter(
    ({ manifest }) => options.release === undefined || manifest.release === config.release,
  )
  if (wanted.length > 0) return wanted
  const found =
    stores.length === 0
      ? `there is no store of reference stars in ${folder}`
      : `${folder} holds ${stores.map(({ manifest }) => manifest.release).join(', ')}, but not ${config.release}`
  throw new UserError(
    found,
    'fill it with platepipe catalog fetch or platepipe catalog import, or name another with --catalog',
  )
}

export async function catalogInfoCommand(
  options: Record<string, unknown>,
  signal: AbortSignal,
): Promise<number> {
  const config = catalogConfig('info', options)
  const stores = await storesOf('info', options)
  const surveys = await Promise.all(stores.map(surveyStore))
  throwIfCancelled(signal)
  const maps = config.svg === undefined ? [] : await writeMaps(config.svg, surveys)
  if (config.json)
    process.stdout.write(`${JSON.stringify(asJson(storeFolderOf(config), surveys, maps), null, 2)}\n`)
  else if (!config.quiet) process.stdout.write(surveys.map((one) => told(one, config.verbose)).join('\n'))
  if (!config.json && !config.quiet && maps.length > 0)
    process.stdout.write(`\n${maps.map((path) => `map: ${path}\n`).join('')}`)
  return EXIT.ok
}

/** One file for each release: the release in its name where there are several. */
async function writeMaps(path: string, surveys: readonly Surveyed[]): Promise<string[]> {
  const paths: string[] = []
  for (const survey of surveys) {
    const own = surveys.length === 1 ? path : `${path.replace(/\.svg$/i, '')}-${survey.release}.svg`
    const title = `${survey.release}: ${count(survey.rows)} stars`
    try {
      await writeFile(own, skyMap(survey.coverage, { title }))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === undefined) throw error
      throw new UserError(`${own} cannot be written (${code})`, 'give another file with --svg')
    }
    paths.push(own)
  }
  return paths
}

const GIB = 2 ** 30
const MIB = 2 ** 20

function size(bytes: number): string {
  if (bytes >= GIB) return `${(bytes / GIB).toFixed(1)} GiB`
  return bytes >= MIB ? `${(bytes / MIB).toFixed(1)} MiB` : `${Math.ceil(bytes / 1024)} KiB`
}

/** `1 tile`, `12 tiles`. */
export const plural = (value: number, noun: string): string =>
  `${count(value)} ${noun}${value === 1 ? '' : 's'}`

const brief = (value: number): string => (value >= 100 ? count(value) : String(Number(value.toPrecision(2))))

function told(survey: Surveyed, verbose: boolean): string {
  const { tiles, coverage, counts, sources, indexes } = survey
  const lines = [
    `${survey.release}, epoch J${survey.refEpochYr}: ${count(survey.rows)} stars, ${size(survey.bytes)} in ${survey.folder}`,
  ]
  if (tiles.orders !== null) {
    const [least, most] = tiles.orders
    const orders = least === most ? `order ${least}` : `orders ${least} to ${most}`
    lines.push(
      `${plural(tiles.count, 'tile')} of ${orders}; ${count(tiles.medianRows)} stars in the median tile, ${count(tiles.mostRows)} in the largest`,
    )
  }
  lines.push('', ...skyBlocks(coverage, speaksUnicode()), '')
  const rows: [string, string][] = coverage.map(({ limitMag, estimated, areaDeg2, skyShare }) => [
    limitMag === null ? 'every star' : `to G = ${limitMag}`,
    `${brief(areaDeg2)} deg², ${brief(100 * skyShare)} % of the sky${estimated ? ' (estimated from the stars)' : ''}`,
  ])
  if (coverage.length === 0) rows.push(['covered', 'nothing'])
  const bright = counts.filter(
    ({ limitMag, stars }, n) => limitMag !== null && stars > (counts[n - 1]?.stars ?? 0),
  )
  const shown = verbose ? bright : bright.filter((_, n) => (bright.length - 1 - n) % 3 === 0)
  if (shown.length > 0)
    rows.push(['stars', shown.map(({ limitMag, stars }) => `${count(stars)} to G = ${limitMag}`).join(', ')])
  for (const { kind, name, detail, rows: stars, last } of sources) {
    const from = kind === 'fetch' ? 'fetched from' : 'imported from'
    rows.push([from, `${name}: ${count(stars)} stars, ${last.slice(0, 10)}${verbose ? ` (${detail})` : ''}`])
  }
  rows.push(['indexes', indexText(indexes)])
  const width = Math.max(...rows.map(([label]) => label.length))
  return `${[...lines, ...rows.map(([label, text]) => `${label.padEnd(width)}  ${text}`)].join('\n')}\n`
}

function indexText({ count: files, epochsYr, bytes }: Surveyed['indexes']): string {
  if (files === 0) return 'none; platepipe catalog index makes some'
  const epochs = epochsYr.length > 6 ? [epochsYr[0], '…', epochsYr.at(-1)] : epochsYr
  return `${count(files)} of ${size(bytes)} for epochs ${epochs.join(', ')}`
}

/** Whether the terminal, or whatever reads, expects UTF-8: the first of these variables that is set says so. */
export function speaksUnicode(environment = process.env): boolean {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || ''
  return /utf-?8/i.test(locale)
}

function asJson(folder: string, surveys: readonly Surveyed[], maps: readonly string[]) {
  return {
    folder,
    releases: surveys.map((survey) => ({
      release: survey.release,
      ref_epoch: survey.refEpochYr,
      folder: survey.folder,
      stars: survey.rows,
      bytes: survey.bytes,
      tiles: {
        count: survey.tiles.count,
        orders: survey.tiles.orders,
        median_stars: survey.tiles.medianRows,
        most_stars: survey.tiles.mostRows,
      },
      coverage: survey.coverage.map(({ limitMag, estimated, areaDeg2, skyShare, moc }) => ({
        limit_mag: limitMag,
        estimated,
        area_deg2: areaDeg2,
        sky_share: skyShare,
        moc: mocText(moc),
      })),
      counts: survey.counts.map(({ limitMag, stars }) => ({ limit_mag: limitMag, stars })),
      sources: survey.sources,
      indexes: {
        count: survey.indexes.count,
        epochs_yr: survey.indexes.epochsYr,
        bytes: survey.indexes.bytes,
      },
    })),
    maps,
  }
}
