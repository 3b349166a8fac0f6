// What triage says of one plate, against the truth.
import { offsetPeaks } from '../../src/math/offset-peaks.ts'
import { type TriageInput, type TriageResult, triage } from '../../src/stages/triage.ts'
import { type ToldByEdges, toldByEdges } from './edges.ts'
import type { TriagePlate } from './plates.ts'
import type { PlateTruth } from './truth.ts'

/** What is said of a plate, short enough to be kept as a line of JSON. */
export interface Said {
  class: TriageResult['class']
  /** Of what needs a person's eye; what is only noted, and what it was. */
  flags: string[]
  notes: string[]
  texts: string[]
  exposures: { dx: number; dy: number; magStep: number; stars: number }[]
  /** The surest of all repeated offsets, sure or not. */
  peak: { dx: number; dy: number; pairs: number; expected: number; log10Chance: number } | null
  seconds: number
}

export interface Judged {
  seed: number
  family: string
  options: string
  field: number
  damage: number
  fwhmPx: number
  stars: number
  detections: number
  fwhmFoundPx: number
  truth: Omit<PlateTruth, 'images'>
  said: Said
  /** Least distance of two exposures that show, in widths of the light of a star; null for plates of one. */
  nearestFwhm: number | null
  /** Where as many exposures were found as show: greatest error of an offset (px) and of a step (mag). */
  offsetErrorPx: number | null
  stepErrorMag: number | null
  /** Of images that were given to an exposure: how many are images of it. */
  members: { right: number; given: number } | null
  edges: ToldByEdges
}

const ANY = 6 // log₁₀ of chance: also peaks that mean nothing

export function said(input: TriageInput): Said {
  return heard(input).own
}

function heard(input: TriageInput): { found: TriageResult; own: Said } {
  const started = performance.now()
  const found = triage(input)
  return { found, own: saidBy(found, (performance.now() - started) / 1000) }
}

function saidBy(found: TriageResult, seconds: number): Said {
  const { several, reasons } = found
  const [peak] = several === null ? [] : offsetPeaks(several.offsets.histogram, ANY)
  const isFlag = ({ severity }: { severity: string }) => severity === 'flag' || severity === 'fatal'
  return {
    class: found.class,
    flags: reasons.filter(isFlag).map(({ code }) => code),
    notes: reasons.filter((reason) => !isFlag(reason)).map(({ code }) => code),
    texts: reasons.map(({ code, text }) => `${code}: ${text}`),
    exposures: (several?.pattern?.exposures ?? []).map(({ dx, dy, magStep, stars }) => ({
      dx,
      dy,
      magStep,
      stars,
    })),
    peak: peak === undefined ? null : peakOf(peak),
    seconds,
  }
}

const peakOf = ({ dx, dy, pairs, expected, log10Chance }: NonNullable<Said['peak']>) => ({
  ...{ dx, dy, pairs, expected, log10Chance },
})

export function judged({ recipe, truth, exposure, input }: TriagePlate): Judged {
  const { found, own } = heard(input)
  const { seed, family, options, stars } = recipe
  const matched = matchOf(own.exposures, truth)
  const asMany = own.exposures.length === truth.exposures.length
  const member = found.several?.pattern?.member
  return {
    ...{ seed, family, stars, truth, said: own, edges: toldByEdges({ exposure, input }) },
    options: commandLine(options),
    field: options.field ?? Number.NaN,
    damage: options.damage ?? Number.NaN,
    fwhmPx: options.fwhm ?? Number.NaN,
    detections: input.detections.length,
    fwhmFoundPx: input.fwhmPx,
    nearestFwhm: truth.class === 'multi' ? nearest(truth) / (options.fwhm ?? Number.NaN) : null,
    offsetErrorPx: truth.class === 'multi' && asMany ? matched.worstPx : null,
    stepErrorMag: truth.class === 'multi' && asMany ? matched.worstMag : null,
    members: truth.class === 'multi' && asMany && member ? membership(member, matched.names, exposure) : null,
  }
}

/** As options of `platepipe simulate`, to make the plate again. */
export function commandLine(options: Record<string, unknown>): string {
  const flag = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  return Object.entries(options)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) =>
      value === true
        ? flag(name)
        : `${flag(name)} ${typeof value === 'string' && value.includes(' ') ? `"${value}"` : value}`,
    )
    .join(' ')
}

function nearest({ exposures, offsets }: Pick<PlateTruth, 'exposures' | 'offsets'>): number {
  const places = exposures.map((k) => offsets[k]!)
  const apart = places.flatMap((a, i) => places.slice(i + 1).map((b) => Math.hypot(a.dx - b.dx, a.dy - b.dy)))
  return Math.min(...apart)
}

/**
 * Which true exposure each found one is. Found offsets count from the deepest that was found, which may be any true one:
 * that which leaves the least error is taken.
 */
function matchOf(
  found: Said['exposures'],
  { exposures, offsets }: Pick<PlateTruth, 'exposures' | 'offsets'>,
) {
  let best = { worstPx: Number.POSITIVE_INFINITY, worstMag: Number.POSITIVE_INFINITY, names: [] as number[] }
  for (const first of exposures) {
    const { dx: x0, dy: y0, magStep: m0 } = offsets[first]!
    const matches = found.map((one) => {
      const [nearest] = exposures
        .map((k) => {
          const { dx, dy, magStep } = offsets[k]!
          return {
            k,
            px: Math.hypot(dx - x0 - one.dx, dy - y0 - one.dy),
            mag: Math.abs(magStep - m0 - one.magStep),
          }
        })
        .sort((a, b) => a.px - b.px)
      return nearest!
    })
    const names = matches.map(({ k }) => k)
    const isOneToOne = new Set(names).size === names.length
    const worstPx = isOneToOne ? Math.max(...matches.map(({ px }) => px)) : Number.POSITIVE_INFINITY
    if (worstPx < best.worstPx)
      best = { worstPx, worstMag: Math.max(...matches.map(({ mag }) => mag)), names }
  }
  return best
}

function membership(member: Int8Array, names: readonly number[], exposure: Int8Array) {
  let [right, given] = [0, 0]
  member.forEach((k, row) => {
    if (k < 0 || exposure[row]! < 0) return
    given++
    if (names[k] === exposure[row]) right++
  })
  return { right, given }
}
