// The checked record of one plate: what the header, the options and the pixels say about it, each with its source.

import { basename } from 'node:path'
import { z } from 'zod'
import { ISSUES, type IssueCode } from './issues.ts'

const number = z.number().refine(Number.isFinite, 'a finite number is expected')
const positive = number.refine((v) => v > 0, 'a number above 0 is expected')

function sourced<T extends z.ZodType>(value: T) {
  return z.object({ value, source: z.string() })
}

const noteSchema = z.object({
  code: z.custom<IssueCode>((code) => typeof code === 'string' && code in ISSUES),
  severity: z.enum(['fatal', 'flag', 'warn', 'info']),
  text: z.string(),
  evidence: z.record(z.string(), z.unknown()),
})

const headerWcsSchema = z.object({
  source: z.enum(['CD', 'CDELT', 'PC', 'GSSS']),
  /** Degrees, equator of J2000 (older equinoxes are precessed). */
  crval: z.tuple([number.min(0).lt(360), number.min(-90).max(90)]),
  /** FITS pixels. */
  crpix: z.tuple([number, number]),
  /** Degrees per pixel: cd11 cd12 cd21 cd22. */
  cd: z.tuple([number, number, number, number]),
})

export const plateSchema = z.object({
  id: z.string().min(1),
  scanPath: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  bitpix: z.int(),
  /** The archive whose habits the header follows. */
  dialect: z.enum(['gsss', 'dasch', 'supercosmos', 'applause', 'plain']),
  /** J2000. The centre of the scan if known, else of the plate, and how far off it may be. */
  place: sourced(
    z.object({
      raDeg: number.min(0).lt(360),
      decDeg: number.min(-90).max(90),
      radiusErrorDeg: positive.max(180),
    }),
  ).nullable(),
  /** Julian year, of mid-exposure where known. */
  epochYr: sourced(number).nullable(),
  exposureSeconds: sourced(positive).nullable(),
  /** NUMEXP: how many exposures the logbook knows of. */
  exposures: sourced(z.int().positive()).nullable(),
  /** Julian years of the exposures that have dates of their own, in their order; empty for a single one. */
  exposureEpochsYr: z.array(number),
  /** METHOD of the Wide-Field Plate Database: 1 is one direct exposure. */
  method: sourced(z.int()).nullable(),
  /** Micrometres on the emulsion, along x and y. */
  pixelUm: sourced(z.tuple([positive, positive])).nullable(),
  scaleArcsecPerPx: sourced(positive).nullable(),
  /** The scale lies between these two, arcsec per pixel; null where the scale is unknown. */
  scaleRangeArcsecPerPx: z.tuple([positive, positive]).nullable(),
  telescope: z.string().nullable(),
  emulsion: z.string().nullable(),
  filter: z.string().nullable(),
  headerWcs: headerWcsSchema.nullable(),
  /** Of the scan as delivered: negative has dark stars. */
  polarity: z.enum(['positive', 'negative']),
  polarityEvidence: z.record(z.string(), number),
  notes: z.array(noteSchema),
})

export interface Sourced<T> {
  value: T
  /** 'option', or the keywords it came from. */
  source: string
}
export type Note = z.infer<typeof noteSchema>
export type HeaderWcs = z.infer<typeof headerWcsSchema>
export type Plate = z.infer<typeof plateSchema>

/** Where the date of a plate came from, before its stars are asked. */
export function epochSourceOf(plate: Plate): 'header' | 'option' | 'unknown' {
  if (plate.epochYr === null) return 'unknown'
  return plate.epochYr.source === 'option' ? 'option' : 'header'
}

/** Name of a plate and of its folder: the one given, else the scan's file name without its endings (`a b.fits.gz`: `a b`). */
export function plateIdOf(scanPath: string, id: string | undefined): string {
  const name = basename(scanPath)
  const bare = name.replace(/(\.(fits?|fts|fz|gz|tiff?|z))+$/i, '')
  // '', '.' and '..' would be other folders than one of its own.
  return id ?? [bare, name].find((candidate) => !/^\.{0,2}$/.test(candidate)) ?? 'plate'
}
