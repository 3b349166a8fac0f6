// The header of a scan, whatever archive wrote it, as the checked record of a plate; options override it.

import { UserError } from '../../errors.ts'
import type { Header } from '../../fits/header.ts'
import { reason } from '../../issues.ts'
import { type Note, type Plate, plateIdOf, plateSchema, type Sourced } from '../../plate.ts'
import { textOf } from './cards.ts'
import { FIRST_PLATE_YEAR } from './dates.ts'
import { type Dialect, dialectOf } from './dialect.ts'
import { readEpoch, readExposureEpochs } from './epoch.ts'
import { readExposure, readExposureCount, readMethod } from './exposure.ts'
import { type PlaceOptions, readPlace } from './place.ts'
import { readScale, type ScaleOptions } from './scale.ts'
import { readHeaderWcs } from './wcs.ts'

export interface IngestOptions extends PlaceOptions, ScaleOptions {
  /** 'unknown': the dates of the header are not believed. */
  epochYr?: number | 'unknown' | undefined
  polarity?: 'auto' | 'positive' | 'negative' | undefined
  /** Code of METHOD: 1 says that the plate is one direct exposure, whatever the logbook says. */
  method?: number | undefined
  hdu?: number | undefined
  id?: string | undefined
}

/** The scan that the header belongs to. */
export interface ScanFrame {
  header: Header
  scanPath: string
  width: number
  height: number
  bitpix: number
}

/**
 * Everything of the plate that needs no pixels: polarity is 'positive' and unmeasured until they are read.
 * @throws UserError where an option is out of range
 */
export function readPlateHeader(scan: ScanFrame, options: IngestOptions): Plate {
  checkOptions(options)
  const { header, width, height } = scan
  const notes: Note[] = []
  brokenCards(header, notes)
  const dialect = dialectOf(header)
  const wcs = readHeaderWcs(header, width, height, notes)
  const exposure = readExposure(header, dialect, notes)
  const scale = readScale(header, wcs, options, notes)
  const scaleArcsecPerPx = scale.scaleArcsecPerPx?.value
  const place = readPlace(header, { dialect, wcs, width, height, scaleArcsecPerPx }, options, notes)
  const headerEpoch = readEpoch(header, dialect, exposure?.value, notes)
  const epoch = epochOf(options.epochYr, headerEpoch)
  if (!epoch) notes.push(epochUnknown(headerEpoch))
  if (!place) notes.push(reason('PLACE_UNKNOWN', 'Neither the header nor an option gives a place.'))
  if (!scaleArcsecPerPx)
    notes.push(reason('SCALE_UNKNOWN', 'Neither the header nor an option gives a scale.'))
  return plateSchema.parse({
    id: plateIdOf(scan.scanPath, options.id),
    scanPath: scan.scanPath,
    width,
    height,
    bitpix: scan.bitpix,
    dialect,
    place,
    epochYr: epoch,
    exposureSeconds: exposure,
    exposures: readExposureCount(header, options.method === 1, notes),
    exposureEpochsYr: readExposureEpochs(header, notes),
    method: readMethod(header, options.method, notes),
    pixelUm: scale.pixelUm,
    scaleArcsecPerPx: scale.scaleArcsecPerPx,
    scaleRangeArcsecPerPx: scale.rangeArcsecPerPx,
    telescope: telescopeOf(header, dialect),
    emulsion: textOf(header, 'EMULSION') ?? null,
    filter: textOf(header, 'FILTER') ?? null,
    headerWcs: wcs,
    polarity: 'positive',
    polarityEvidence: {},
    notes,
  } satisfies Plate)
}

function epochOf(
  option: IngestOptions['epochYr'],
  headerEpoch: Sourced<number> | null,
): Sourced<number> | null {
  if (option === 'unknown') return null
  return option === undefined ? headerEpoch : { value: option, source: 'option' }
}

/** @param leftAside  the date of the header, where an option says not to believe it */
function epochUnknown(leftAside: Sourced<number> | null): Note {
  if (leftAside === null)
    return reason('EPOCH_UNKNOWN', 'Neither the header nor an option gives the date of the exposure.')
  const { value, source } = leftAside
  const text = `The date of the header, ${value.toFixed(2)} (${source}), was left aside as --epoch unknown asks.`
  return reason('EPOCH_UNKNOWN', text, { header_yr: value, source })
}

function checkOptions(options: IngestOptions): void {
  const { raDeg, decDeg, radiusDeg, epochYr } = options
  if ((raDeg === undefined) !== (decDeg === undefined))
    throw new UserError('one of --ra and --dec was given without the other', 'give both, or neither')
  if (raDeg !== undefined && !(raDeg >= 0 && raDeg < 360))
    throw new UserError(`the right ascension ${raDeg} is not between 0 and 360°`, 'give --ra in degrees')
  if (decDeg !== undefined && !(Math.abs(decDeg) <= 90))
    throw new UserError(`the declination ${decDeg} is not between −90 and +90°`, 'give --dec in degrees')
  if (radiusDeg !== undefined && !(radiusDeg > 0 && radiusDeg <= 180))
    throw new UserError(`the radius ${radiusDeg} is not between 0 and 180°`, 'give --radius in degrees')
  if (typeof epochYr === 'number' && !(epochYr >= FIRST_PLATE_YEAR && epochYr <= 2100))
    throw new UserError(
      `the epoch ${epochYr} is not that of a plate`,
      'give --epoch as a year, for instance 1951.91',
    )
}

function brokenCards(header: Header, notes: Note[]): void {
  const broken = header.cards.filter((card) => card.kind === 'broken')
  if (broken.length === 0) return
  const shown = broken.slice(0, 3).map((card) => card.raw?.trim() ?? card.keyword)
  notes.push(
    reason(
      'HEADER_BROKEN_CARDS',
      `${broken.length} header cards were not read, for instance "${shown[0]}".`,
      {
        count: broken.length,
        cards: shown,
      },
    ),
  )
}

function telescopeOf(header: Header, dialect: Dialect): string | null {
  const series = textOf(header, 'C_SERIES')
  return textOf(header, 'TELESCOP') ?? (dialect === 'dasch' && series ? `Harvard, series ${series}` : null)
}
