// ingest: from a scan of any archive to a checked record, the usable area, and a positive working scan.

import { basename } from 'node:path'
import { UserError } from '../errors.ts'
import type { ImageSource } from '../fits/image.ts'
import { ISSUES, type IssueCode, type Reason, reason } from '../issues.ts'
import { type Plate, plateSchema } from '../plate.ts'
import { type AreaFinding, CAUSES, findArea, type UsableArea } from './ingest/area.ts'
import { type IngestOptions, readPlateHeader } from './ingest/header.ts'
import { measurePolarity, type Polarity } from './ingest/polarity.ts'
import { findSaturation } from './ingest/saturation.ts'
import { type Survey, surveyScan } from './ingest/survey.ts'
import { type Positive, positiveOf, writeWorkingScan } from './ingest/working.ts'

export type { UsableArea } from './ingest/area.ts'
export type { IngestOptions } from './ingest/header.ts'

/** A field of 100 px holds a few stars at best; below it nothing can be told from noise. */
export const MIN_SIDE_PX = 100
/** With less exposed emulsion than this part of the scan there is no plate to reduce. */
const MIN_USABLE_FRACTION = 0.02

/** Levels of the working scan (positive.fits). */
export interface ScanStatistics {
  min: number
  max: number
  /** Median level and pixel-to-pixel σ of the sky over the usable blocks. */
  skyLevel: number
  skyNoise: number
  /** From here on the emulsion, or the scanner, is saturated; `max` where no plateau was seen. */
  saturationLevel: number
  saturationMeasured: boolean
  /** Part of all pixels that are blank, and of the usable ones that are at the very highest level. */
  blankFraction: number
  topFraction: number
  pixelType: 'uint16' | 'float32'
  /** The working scan is factor · scan + zero. */
  factor: 1 | -1
  zero: number
}

/** The positive scan in means of cellPx × cellPx pixels, at most 1500 along the longer side. */
export interface Thumbnail {
  cellPx: number
  columns: number
  rows: number
  /** Levels of the working scan, the first stored rows first; NaN where most pixels are blank. */
  levels: Float32Array
}

export interface IngestResult {
  plate: Plate
  area: UsableArea
  statistics: ScanStatistics
  thumbnail: Thumbnail
  positivePath: string
  weightPath: string
  /** The same two, by their names in workDir. */
  files: { positiveName: string; weightName: string }
  /** Everything that was noticed: the same as plate.notes. */
  reasons: Reason[]
}

/** A scan that cannot be reduced at all: what was found, and the issue that goes with the plate. */
export class BadScan extends UserError {
  readonly reason: Reason
  /** What the header says, for the record. */
  readonly plate: Plate

  constructor(found: Reason, plate: Plate) {
    super(found.text, ISSUES[found.code].nextStep)
    this.name = 'BadScan'
    this.reason = found
    this.plate = plate
  }
}

/**
 * Reads the header, measures the polarity, finds the usable area, and writes positive.fits and weight.fits into workDir.
 * @throws BadScan (a UserError) where the scan is too small, constant, blank or without exposed emulsion;
 * UserError where an option is out of range; Cancelled
 */
export async function ingest(
  scan: ImageSource,
  options: IngestOptions & { workDir: string; scanPath: string; signal?: AbortSignal | undefined },
): Promise<IngestResult> {
  const { width, height, header, bitpix } = scan
  const plate = readPlateHeader({ header, width, height, bitpix, scanPath: options.scanPath }, options)
  if (Math.min(width, height) < MIN_SIDE_PX)
    bad(
      plate,
      'TOO_SMALL',
      `${options.scanPath} is ${width} × ${height} px; a scan must be at least ${MIN_SIDE_PX} × ${MIN_SIDE_PX} px.`,
      { width, height, minimum: MIN_SIDE_PX },
    )
  const survey = await surveyScan(scan, options.signal)
  checkPixels(plate, survey)

  const measured = await measurePolarity(scan, options.signal)
  const polarity = chosenPolarity(measured, options.polarity)
  const finding = findArea(survey, polarity === 'negative')
  checkArea(plate, finding.area)
  const positive = positiveOf(survey, polarity === 'negative')
  const working = await writeWorkingScan(scan, survey, shifted(finding, positive), positive, options)

  const saturation = findSaturation(working.histogram)
  const ends = [survey.min, survey.max].map((v) => positive.factor * v + positive.zero)
  const statistics: ScanStatistics = {
    min: Math.min(...ends),
    max: Math.max(...ends),
    skyLevel: finding.skyLevel + shiftOf(positive),
    skyNoise: finding.skyNoise,
    saturationLevel: Math.min(saturation.level, Math.max(...ends)),
    saturationMeasured: saturation.measured,
    blankFraction: survey.blankPixels / (width * height),
    topFraction: working.histogram.atTop / Math.max(1, working.histogram.pixels),
    ...positive,
  }
  const notes = [
    ...plate.notes,
    ...scan.problems.map((problem) => reason('SCAN_TRUNCATED', problem)),
    ...polarityNotes(measured, options.polarity),
    ...pixelNotes(survey, finding.area),
  ]
  return {
    plate: plateSchema.parse({ ...plate, polarity, polarityEvidence: measured.evidence, notes }),
    area: finding.area,
    statistics,
    thumbnail: {
      cellPx: survey.cellPx,
      columns: survey.cellColumns,
      rows: survey.cellRows,
      levels: survey.cells.map((v) => positive.factor * v + positive.zero),
    },
    positivePath: working.positivePath,
    weightPath: working.weightPath,
    files: { positiveName: basename(working.positivePath), weightName: basename(working.weightPath) },
    reasons: notes,
  }
}

function bad(plate: Plate, code: IssueCode, text: string, evidence: Record<string, unknown>): never {
  const found = reason(code, text, evidence)
  throw new BadScan(found, { ...plate, notes: [...plate.notes, found] })
}

function checkPixels(plate: Plate, survey: Survey): void {
  const { scanPath, width, height } = plate
  if (survey.blankPixels === width * height)
    bad(plate, 'ALL_BLANK', `All ${width} × ${height} pixels of ${scanPath} are blank.`, { width, height })
  if (survey.min === survey.max)
    bad(plate, 'CONSTANT_IMAGE', `Every pixel of ${scanPath} is ${survey.min}.`, { value: survey.min })
}

function checkArea(plate: Plate, area: UsableArea): void {
  if (area.fraction >= MIN_USABLE_FRACTION) return
  const causes = causesOf(area)
  bad(
    plate,
    'NO_USABLE_AREA',
    `Of ${plate.scanPath} only ${(100 * area.fraction).toFixed(1)} % looks like exposed emulsion ` +
      `(${MIN_USABLE_FRACTION * 100} % is the least): ${describe(causes)}.`,
    { fraction: area.fraction, ...causes },
  )
}

function chosenPolarity(measured: Polarity, option: IngestOptions['polarity']): 'positive' | 'negative' {
  return option === undefined || option === 'auto' ? measured.polarity : option
}

function polarityNotes(measured: Polarity, option: IngestOptions['polarity']): Reason[] {
  const { bright, dark, brightTails, darkTails } = measured.evidence
  const seen =
    `${bright} compact images are brighter than the sky, ${dark} darker; pixels reach farther from the level ` +
    `around them on the bright side in ${brightTails} tiles, on the dark side in ${darkTails}`
  if (option !== undefined && option !== 'auto') {
    if (!measured.sure || measured.polarity === option) return []
    return [reason('POLARITY_OPTION', `The scan was given as ${option}; ${seen}.`, measured.evidence)]
  }
  if (measured.sure) return []
  return [
    reason('POLARITY_UNSURE', `The scan was taken as ${measured.polarity}: ${seen}.`, measured.evidence),
  ]
}

function pixelNotes(survey: Survey, area: UsableArea): Reason[] {
  const notes: Reason[] = []
  if (survey.blankPixels > 0) {
    const pixels = survey.blankPixels
    notes.push(reason('BLANK_PIXELS', `${pixels} pixels of the scan are blank.`, { pixels }))
  }
  if (area.fraction < 1) {
    const causes = causesOf(area)
    notes.push(
      reason(
        'AREA_MASKED',
        `${(100 * (1 - area.fraction)).toFixed(1)} % of the scan was left out: ${describe(causes)}.`,
        { fraction: area.fraction, ...causes },
      ),
    )
  }
  return notes
}

/** Number of blocks by cause. */
function causesOf(area: UsableArea): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const code of area.cause) if (code > 0) counts[CAUSES[code]] = (counts[CAUSES[code]] ?? 0) + 1
  return counts
}

function describe(causes: Record<string, number>): string {
  return Object.entries(causes)
    .map(([cause, blocks]) => `${blocks} blocks ${cause}`)
    .join(', ')
}

/** Levels of the area are those of a positive that was not yet shifted to begin at 0. */
function shiftOf(positive: Positive): number {
  return positive.factor > 0 ? positive.zero : 0
}

function shifted(finding: AreaFinding, positive: Positive): AreaFinding {
  const shift = shiftOf(positive)
  if (shift === 0) return finding
  return {
    ...finding,
    skyAround: finding.skyAround.map((level) => level + shift),
    skyLevel: finding.skyLevel + shift,
  }
}
