// The functions of a star image that plate models are made of: powers of its place, magnitude and colour, and what a
// scanner adds along its axes. The standard coordinates ξ and η are linear in them.

/** A star image as the plate constants see it: its place (FITS pixels), magnitude and colour. */
export interface StarImage {
  x: number
  y: number
  /** On the scale of the reference stars; NaN where unknown: the reference star's is taken. */
  mag: number
  bpRp: number
  /** Whose image it is, where several exposures of one plate are fitted together. */
  exposure?: number
}

/** The star for which the plain WCS holds; magnitudes and colours of others are counted from its own. */
export interface ReferenceStar {
  mag: number
  bpRp: number
  /** Magnitudes that the constants were found from; beyond them the shift of the nearer end is taken. */
  magRange: [number, number]
  bpRpRange: [number, number]
  /** Robust scatter of the colours: what a star whose colour is not known may be off by. */
  bpRpScatter: number
}

/** u^i v^j m^k c^l: u, v the scaled place, m and c magnitude and colour less those of the reference star. */
export interface PowerTerm {
  kind: 'power'
  u: number
  v: number
  m: number
  c: number
}

/** The sine or cosine of 2π x/P, or of y: a periodic error of the scanner. */
export interface WaveTerm {
  kind: 'wave'
  axis: 'x' | 'y'
  periodPx: number
  phase: 'sin' | 'cos'
}

/** 1 within one tile of a scan that was put together from several, 0 elsewhere; infinite where the tile ends with the scan. */
export interface TileTerm {
  kind: 'tile'
  x: [fromPx: number, toPx: number]
  y: [fromPx: number, toPx: number]
}

/** A power within one exposure of several that are fitted together, 0 in the others: what that exposure has of its own. */
export interface OwnTerm {
  kind: 'own'
  /** As in `StarImage`. */
  exposure: number
  of: PowerTerm
}

export type Term = PowerTerm | WaveTerm | TileTerm | OwnTerm

/** Pixels scaled to [−1, 1] about the middle of the scan, the same factor on both axes. */
export interface PlateFrame {
  x0: number
  y0: number
  halfPx: number
}

export const power = (u: number, v: number, m = 0, c = 0): PowerTerm => ({ kind: 'power', u, v, m, c })

export const own = (exposure: number, of: PowerTerm): OwnTerm => ({ kind: 'own', exposure, of })

/** One name per function, the same for equal ones. */
export function nameOf(term: Term): string {
  if (term.kind === 'own') return `${nameOf(term.of)} of exposure ${term.exposure}`
  if (term.kind === 'wave') return `${term.phase}(2π${term.axis}/${term.periodPx})`
  if (term.kind === 'tile') return `tile x ${term.x.join(' to ')}, y ${term.y.join(' to ')}`
  const factors = (['u', 'v', 'm', 'c'] as const).flatMap((name) =>
    term[name] === 0 ? [] : [term[name] === 1 ? name : `${name}^${term[name]}`],
  )
  return factors.join(' ') || '1'
}

const MAX_POWER = 9
const powersOfU = new Float64Array(MAX_POWER + 1).fill(1)
const powersOfV = new Float64Array(MAX_POWER + 1).fill(1)

/** Writes the values of the terms for one image to `into`, from `at`. */
export function termsAt(
  terms: readonly Term[],
  frame: PlateFrame,
  star: ReferenceStar,
  image: StarImage,
  into: Float64Array,
  at = 0,
): void {
  const u = (image.x - frame.x0) / frame.halfPx
  const v = (image.y - frame.y0) / frame.halfPx
  const m = Number.isNaN(image.mag) ? 0 : within(image.mag, star.magRange) - star.mag
  const c = Number.isNaN(image.bpRp) ? 0 : within(image.bpRp, star.bpRpRange) - star.bpRp
  for (let k = 1; k <= MAX_POWER; k++) {
    powersOfU[k] = powersOfU[k - 1]! * u
    powersOfV[k] = powersOfV[k - 1]! * v
  }
  for (let k = 0; k < terms.length; k++) {
    const term = terms[k]!
    if (term.kind === 'power') {
      into[at + k] = powerAt(term, m, c)
    } else if (term.kind === 'own') {
      into[at + k] = image.exposure === term.exposure ? powerAt(term.of, m, c) : 0
    } else if (term.kind === 'wave') {
      const angle = (2 * Math.PI * image[term.axis]) / term.periodPx
      into[at + k] = term.phase === 'sin' ? Math.sin(angle) : Math.cos(angle)
    } else {
      into[at + k] = isWithin(image.x, term.x) && isWithin(image.y, term.y) ? 1 : 0
    }
  }
}

/** Of the place whose powers were filled in last. */
function powerAt(term: PowerTerm, m: number, c: number): number {
  let value = powersOfU[term.u]! * powersOfV[term.v]!
  if (term.m !== 0) value *= term.m === 1 ? m : m ** term.m
  if (term.c !== 0) value *= term.c === 1 ? c : c ** term.c
  return value
}

const isWithin = (value: number, [from, to]: [number, number]) => value > from && value <= to

function within(value: number, [low, high]: [number, number]): number {
  return Math.min(high, Math.max(low, value))
}

/** A reference star that leaves magnitude and colour out of everything. */
export const ANY_STAR: ReferenceStar = {
  mag: 0,
  bpRp: 0,
  magRange: [0, 0],
  bpRpRange: [0, 0],
  bpRpScatter: 0,
}
