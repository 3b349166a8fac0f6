// platepipe inspect: what the header and the pixels of a scan say, without reducing it.
import { PARAMETERS, parseConfig } from '../config.ts'
import { openScan } from '../formats/scan.ts'
import { type Plate, plateIdOf, type Sourced } from '../plate.ts'
import { makeWorkFolder, removeWorkFolder } from '../result-folder.ts'
import { CAUSES, type UsableArea } from '../stages/ingest/area.ts'
import { type IngestResult, ingest } from '../stages/ingest.ts'
import { EXIT } from './failure.ts'
import { rawValues } from './options.ts'
import { reasonLines, sexagesimal } from './summary.ts'

/** A value with where it came from, or that it is not known. */
function sourced<T>(given: Sourced<T> | null, text: (value: T) => string): string {
  return given === null ? 'unknown' : `${text(given.value)}  (${given.source})`
}

function placeText(place: NonNullable<Plate['place']>['value']): string {
  const { raDeg, decDeg, radiusErrorDeg } = place
  const sign = decDeg < 0 ? '' : '+'
  return `${raDeg.toFixed(4)} ${sign}${decDeg.toFixed(4)} = ${sexagesimal(raDeg, decDeg)}, known to ${radiusErrorDeg.toPrecision(2)}°`
}

/** The share of the scan that each cause takes, largest first. */
function areaText(area: UsableArea): string {
  const counts = new Array<number>(CAUSES.length).fill(0)
  for (const cause of area.cause) counts[cause]!++
  const percent = (count: number) => `${((100 * count) / area.cause.length).toFixed(1)} %`
  const leftOut = CAUSES.map((cause, i) => ({ cause, count: counts[i]! }))
    .slice(1)
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .map(({ cause, count }) => `${cause} ${percent(count)}`)
  const rest = leftOut.length === 0 ? '' : `; left out: ${leftOut.join(', ')}`
  return `${(100 * area.fraction).toFixed(1)} % usable${rest}`
}

/** How many the logbook counts, and their dates where they have some of their own. */
function exposuresText({ exposures, exposureEpochsYr: years }: Plate): string {
  const counted = sourced(exposures, String)
  return years.length === 0
    ? counted
    : `${counted}, with dates ${years.map((year) => year.toFixed(3)).join(', ')}`
}

/** What the logbook's codes say of the class of the plate; the pixels are asked by reduce. */
function classText(plate: Plate): string {
  const hints: string[] = []
  if (plate.method !== null) hints.push(`METHOD ${plate.method.value}`)
  if (plate.exposures !== null) hints.push(`${plate.exposures.value} exposures`)
  const single = (plate.method?.value ?? 1) === 1 && (plate.exposures?.value ?? 1) === 1
  const says = hints.length === 0 ? 'nothing in the header' : hints.join(', ')
  return `${single ? 'no hint that it is not one direct exposure' : 'not one direct exposure'} (${says})`
}

/** Levels are those of the positive scan. */
function valuesText(levels: IngestResult['statistics']): string {
  const short = (value: number) => Number(value.toPrecision(5)).toString()
  const saturated = levels.saturationMeasured ? `, saturated from ${short(levels.saturationLevel)}` : ''
  return `${short(levels.min)} to ${short(levels.max)}, sky ${short(levels.skyLevel)} ± ${short(levels.skyNoise)}${saturated}`
}

function wcsText(plate: Plate): string {
  const wcs = plate.headerWcs
  if (wcs === null) return 'none'
  const [cd11, cd12, cd21, cd22] = wcs.cd
  const determinant = cd11 * cd22 - cd12 * cd21
  const scale = Math.sqrt(Math.abs(determinant)) * 3600
  return `${wcs.source}: ${scale.toFixed(4)}″ per pixel${determinant > 0 ? ', mirrored' : ''}; a hint, to be checked`
}

function lines(scanPath: string, result: IngestResult): string[] {
  const { plate, area, statistics } = result
  const told: [string, string][] = [
    [
      'scan',
      `${plate.width} × ${plate.height} pixels, BITPIX ${plate.bitpix}, header of the ${plate.dialect} kind`,
    ],
    [
      'polarity',
      `${plate.polarity}: stars are ${plate.polarity === 'positive' ? 'brighter' : 'darker'} than the sky`,
    ],
    ['values', valuesText(statistics)],
    ['area', areaText(area)],
    ['place', sourced(plate.place, placeText)],
    ['epoch', sourced(plate.epochYr, (year) => year.toFixed(3))],
    ['exposures', exposuresText(plate)],
    ['exposure', sourced(plate.exposureSeconds, (seconds) => `${(seconds / 60).toFixed(1)} min`)],
    ['scale', sourced(plate.scaleArcsecPerPx, (scale) => `${scale.toPrecision(4)}″ per pixel`)],
    ['pixel', sourced(plate.pixelUm, ([x, y]) => `${x.toFixed(2)} × ${y.toFixed(2)} µm`)],
    ['WCS', wcsText(plate)],
    ['telescope', plate.telescope ?? 'unknown'],
    [
      'emulsion',
      [plate.emulsion, plate.filter].filter((word) => word !== null).join(', filter ') || 'unknown',
    ],
    ['class', classText(plate)],
  ]
  return [
    scanPath,
    ...told.map(([name, text]) => `  ${name.padEnd(10)} ${text}`),
    ...reasonLines(result.reasons, true).map((line) => `  ${line}`),
  ]
}

/** Prints what the scan says; the exit status is 0 when it can be read. */
export async function inspectCommand(
  scanPath: string,
  options: Record<string, unknown>,
  signal: AbortSignal,
): Promise<number> {
  const config = parseConfig(rawValues(PARAMETERS, options))
  const workDir = await makeWorkFolder(config.tmpDir)
  try {
    const scan = await openScan(scanPath, { hdu: config.hdu, funpack: config.funpack, workDir, signal })
    try {
      const { polarity } = config
      const result = await ingest(scan, {
        scanPath,
        id: plateIdOf(scanPath, undefined),
        polarity,
        workDir,
        signal,
      })
      const { plate, statistics, area, reasons } = result
      const { fraction } = area
      const text = config.json
        ? JSON.stringify({ plate, statistics, usable_fraction: fraction, reasons }, null, 2)
        : lines(scanPath, result).join('\n')
      process.stdout.write(`${text}\n`)
    } finally {
      await scan.close()
    }
  } finally {
    await removeWorkFolder(workDir)
  }
  return EXIT.ok
}
