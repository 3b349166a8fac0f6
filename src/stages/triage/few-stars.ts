// Nearly empty plates: too few detections that stand well out of the grain, are round, and have the size of a star image.
import { edgesOf, LEAST_SOFT } from '../../edges.ts'
import { type Reason, reason } from '../../issues.ts'
import type { TriageInput } from '../triage.ts'
import { spreadEvenly } from './evenly.ts'

const MIN_STARS = 12 // four times what an affine model needs
const SURE_SNR = 10 // grain alone makes detections of less
const ROUND = 0.35
/** Where images are fewer than this, they must have a size in common as well: specks of dust have none. */
const MANY = 60
const ONE_SIZE = 1.3 // greatest over smallest of the widths that are alike
const LEAST_ALIKE = 0.3 // of the sure images

export function tooFewStars(input: TriageInput): Reason | undefined {
  const { detections: d, ranked } = input
  const sure = spreadEvenly([...ranked], d, input).filter(
    (i) => d.snrWin[i]! > SURE_SNR && d.ellipticity[i]! < ROUND,
  )
  const widths = sure.map((i) => d.fwhm[i]!).sort((a, b) => a - b)
  const alike = mostAlike(widths)
  const enough = sure.length >= MANY || (sure.length >= MIN_STARS && alike >= LEAST_ALIKE * sure.length)
  if (enough) return nearlyAllSpecks(input)
  const text =
    `of ${d.length} detections ${ranked.length} have nothing against them; outside dense patches ${sure.length} of these are round and stand out of the grain ` +
    `(signal-to-noise above ${SURE_SNR}), ${alike} of these with a width in common; ${MIN_STARS} stars are needed`
  const evidence = { stars: sure.length, alike, ranked: ranked.length, detections: d.length }
  return reason('TOO_FEW_STARS', text, evidence)
}

const LEAST_SHARP = 3
const SHARP_OVER_SOFT = 2
const SPECKS_SOFT = 0.3 // no more of what is too small to be sure looks soft where all are specks

/** Specks in any number are no stars: few images have the soft edge of what light made. */
export function nearlyAllSpecks(input: TriageInput): Reason | undefined {
  const { detections: d } = input
  const rows = Array.from({ length: d.length }, (_, i) => i)
  const { sharp } = edgesOf(d, rows)
  // A patch of mould has soft ones among its specks, too.
  const { soft, measured, softMeasured } = edgesOf(d, spreadEvenly(rows, d, input))
  const mostlySharp = sharp.length >= Math.max(LEAST_SHARP, SHARP_OVER_SOFT * soft.length)
  if (soft.length >= LEAST_SOFT || !mostlySharp || softMeasured > SPECKS_SOFT * measured) return undefined
  const text =
    `of ${d.length} detections those that are large and round show how sharp their edges are: ${sharp.length} end as sharply as specks do, ` +
    `${soft.length} outside dense patches as softly as stars; ${LEAST_SOFT} such stars are needed`
  const evidence = { soft: soft.length, sharp: sharp.length, detections: d.length }
  return reason('TOO_FEW_STARS', text, evidence)
}

/** Most values, sorted, within a factor of ONE_SIZE. */
function mostAlike(widths: readonly number[]): number {
  let [most, last] = [0, 0]
  widths.forEach((width, first) => {
    while (last < widths.length && widths[last]! < ONE_SIZE * width) last++
    most = Math.max(most, last - first)
  })
  return most
}
