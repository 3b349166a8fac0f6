// The tables of the triage bench: what was confused with what, how many exposures and how far apart, and every failure.
import { quantile } from '../../src/math/robust.ts'
import { markdown } from '../false-solutions/tables.ts'
import { percent, shareOf } from './bounds.ts'
import type { Judged, Said } from './judged.ts'
import type { TrueClass } from './truth.ts'

const TRUE_CLASSES: TrueClass[] = ['single', 'multi', 'wedge', 'complex']
const FOUND_CLASSES: Said['class'][] = ['single', 'multi', 'complex']

/** Plates that count: not those on which a ghost hardly shows, where both answers are right. */
export const counted = (plates: readonly Judged[]): Judged[] => plates.filter(({ truth }) => !truth.either)

export const ofClass = (plates: readonly Judged[], wanted: TrueClass): Judged[] =>
  counted(plates).filter(({ truth }) => truth.class === wanted)

export const called = (plates: readonly Judged[], found: Said['class']): Judged[] =>
  plates.filter(({ said }) => said.class === found)

/** The right class and, where there is one, the code that names what the plate is. */
export function isRecognised({ truth, said }: Judged): boolean {
  if (truth.wanted === null) return said.class === 'single'
  const wanted = truth.class === 'complex' ? 'complex' : 'multi'
  if (truth.class === 'multi' && said.flags.includes('TOUCHING_EXPOSURES')) return said.class === wanted
  return said.class === wanted && said.flags.includes(truth.wanted)
}

export function classTable(plates: readonly Judged[]): string {
  const rows = TRUE_CLASSES.map((name) => {
    const own = ofClass(plates, name)
    return [name, own.length, ...FOUND_CLASSES.map((found) => shareOf(called(own, found).length, own.length))]
  })
  return markdown(['what the plate shows', 'plates', ...FOUND_CLASSES.map((name) => `called ${name}`)], rows)
}

const codesOf = ({ said }: Judged): string => [...new Set(said.flags)].sort().join(' + ') || 'nothing'

/** Family and what shows of it, against the codes that flag it. */
export function familyTable(plates: readonly Judged[]): string {
  const name = ({ family, truth }: Judged) =>
    `${family}${truth.either ? ', hardly shows' : ` → ${truth.wanted ?? 'single'}`}`
  const rows = [...new Set(plates.map(name))].sort().map((family) => {
    const own = plates.filter((plate) => name(plate) === family)
    const codes = [...new Set(own.map(codesOf))]
      .map((code) => [code, own.filter((plate) => codesOf(plate) === code).length] as const)
      .sort((a, b) => b[1] - a[1])
    return [
      family,
      own.length,
      own.filter((plate) => plate.truth.either || isRecognised(plate)).length,
      codes.map(([code, count]) => `${code}: ${count}`).join(', '),
    ]
  })
  return markdown(['family → what it shows', 'plates', 'right', 'flags raised'], rows)
}

/** As many exposures found as show. */
export const countIsRight = ({ truth, said }: Judged): boolean =>
  said.class === 'multi' && said.exposures.length === truth.exposures.length

export function numberTable(plates: readonly Judged[]): string {
  const multi = ofClass(plates, 'multi')
  const numbers = [...new Set(multi.map(({ truth }) => truth.exposures.length))].sort((a, b) => a - b)
  const rows = numbers.map((number) => {
    const own = multi.filter(({ truth }) => truth.exposures.length === number)
    const found = own.map(({ said }) => (said.class === 'multi' ? said.exposures.length : 0))
    return [
      number,
      own.length,
      shareOf(own.filter(countIsRight).length, own.length),
      found.filter((count) => count < number).length,
      found.filter((count) => count > number).length,
    ]
  })
  return markdown(['exposures that show', 'plates', 'as many found', 'fewer', 'more'], rows)
}

export const NEAR_PX = 0.3
const APART = [1.5, 2, 3, 5, 10, Number.POSITIVE_INFINITY] // image widths

export function offsetTable(plates: readonly Judged[]): string {
  const measured = plates.filter(({ offsetErrorPx }) => offsetErrorPx !== null)
  const row = (name: string, own: readonly Judged[]) => {
    const errors = own.map(({ offsetErrorPx }) => offsetErrorPx!)
    const steps = own.map(({ stepErrorMag }) => stepErrorMag!)
    const at = (values: number[], share: number) =>
      values.length === 0 ? '–' : quantile(values, share).toFixed(2)
    const members = own.flatMap(({ members: one }) => one ?? [])
    const [right, given] = [
      members.reduce((n, m) => n + m.right, 0),
      members.reduce((n, m) => n + m.given, 0),
    ]
    return [
      ...[name, own.length, percent(errors.filter((px) => px <= NEAR_PX).length / own.length)],
      ...[0.5, 0.9, 1].map((share) => at(errors, share)),
      ...[0.5, 0.9].map((share) => at(steps, share)),
      percent(right / given),
    ]
  }
  const rows = APART.slice(1).map((to, k) => {
    const from = APART[k]!
    const own = measured.filter(({ nearestFwhm }) => nearestFwhm! >= from - 1e-3 && nearestFwhm! < to)
    return row(Number.isFinite(to) ? `${from} to ${to}` : `${from} and more`, own)
  })
  const head = [
    ...['nearest two exposures, image widths', 'plates', `≤ ${NEAR_PX} px`, 'median, px', '90 %', 'greatest'],
    ...['step: median, mag', '90 %', 'images given to the right exposure'],
  ]
  return markdown(head, [...rows, row('all', measured)])
}

/** What went wrong on a plate; empty where nothing did. */
export function faultsOf(plate: Judged): string[] {
  const { truth, said, offsetErrorPx } = plate
  if (truth.either) return []
  if (!isRecognised(plate)) return [`${truth.wanted ?? 'single'} called ${said.class}`]
  if (truth.class !== 'multi') return []
  if (!countIsRight(plate)) return [`${truth.exposures.length} exposures, ${said.exposures.length} found`]
  return offsetErrorPx! > NEAR_PX ? [`offset off by ${offsetErrorPx!.toFixed(2)} px`] : []
}

const MOST_TEXT = 300

export function failureTable(plates: readonly Judged[]): string {
  const rows = plates
    .map((plate) => ({ plate, faults: faultsOf(plate) }))
    .filter(({ faults }) => faults.length > 0)
    .map(({ plate, faults }) => {
      const { seed, family, stars, damage, fwhmPx, field, detections, truth, said, nearestFwhm } = plate
      const steps = truth.offsets.map(({ magStep }) => magStep.toFixed(2)).join(' ')
      return [
        ...[
          seed,
          family,
          faults.join('; '),
          stars,
          truth.shown.join('/'),
          detections,
          damage,
          fwhmPx.toFixed(1),
        ],
        ...[
          field.toFixed(1),
          nearestFwhm === null ? '–' : nearestFwhm.toFixed(1),
          truth.offsets.length > 1 ? steps : '–',
        ],
        said.texts.join('; ').slice(0, MOST_TEXT) || `nothing; ${peakText(said)}`,
      ]
    })
  const head = [
    ...[
      'seed',
      'family',
      'fault',
      'stars',
      'images that show',
      'detections',
      'damage',
      'fwhm, px',
      'field, °',
    ],
    ...['nearest, widths', 'steps, mag', 'what was said'],
  ]
  return markdown(head, rows)
}

export const peakText = ({ peak }: Said): string =>
  peak === null
    ? 'no offset holds three pairs'
    : `surest offset (${peak.dx.toFixed(1)}, ${peak.dy.toFixed(1)}) px: ${peak.pairs} pairs where ${peak.expected.toFixed(1)} are expected, chance 10^${peak.log10Chance.toFixed(1)}`

export function realTable(plates: readonly { name: string; detections: number; said: Said }[]): string {
  return markdown(
    ['plate', 'detections', 'class', 'flags', 'noted', 'what repeats', 'what was said'],
    plates.map(({ name, detections, said }) => [
      ...[name, detections, said.class, said.flags.join(' + ') || 'none', said.notes.join(' + ') || 'none'],
      ...[peakText(said), said.texts.join('; ').slice(0, MOST_TEXT) || 'nothing'],
    ]),
  )
}
