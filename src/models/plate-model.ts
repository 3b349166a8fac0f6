// A plate model: parts, each with a few coefficients, and the terms that these act on. A coefficient may act on several
// terms of both axes at once: one tilt bends ξ and η together.
import { nameOf, type PowerTerm, type Term } from './term.ts'

/** Factors with which a coefficient enters ξ and η. */
export interface PartCoefficient {
  name: string
  xi: [Term, number][]
  eta: [Term, number][]
}

/** What a part may need to know of the plate it is fitted to. */
export interface PartContext {
  /** Direction and sense of the plate's axes on the sky: (ξ, η) = [a b; c d] (u, v), a² + b² + c² + d² = 2. */
  axes: [a: number, b: number, c: number, d: number]
  /** The optical centre and the tilt found so far, in scaled coordinates; 0 at first. */
  centre: [u: number, v: number]
  tilt: [u: number, v: number]
  /** k₅/k₃ of the radial distortion found so far; 0 at first. */
  fifthToCube: number
  periods: { axis: 'x' | 'y'; periodPx: number }[]
  /** Where the scan changes from one tile to the next, px, ascending. */
  tileEdges: { x: readonly number[]; y: readonly number[] }
  /** Tiles without constants of their own, counted row by row: that which the others are shifted against, and those with few stars. */
  plainTiles: readonly number[]
  /** How many exposures of the plate are fitted together. */
  exposures: number
}

export const PLAIN_CONTEXT: PartContext = {
  axes: [1, 0, 0, 1],
  centre: [0, 0],
  tilt: [0, 0],
  fifthToCube: 0,
  periods: [],
  tileEdges: { x: [], y: [] },
  plainTiles: [0],
  exposures: 1,
}

/** Every file in parts/ exports one. */
export interface ModelPart {
  name: string
  /** What it describes, for a report. */
  sentence: string
  coefficients(context: PartContext): PartCoefficient[]
}

export interface ModelCoefficient {
  part: string
  name: string
  xi: { term: number; factor: number }[]
  eta: { term: number; factor: number }[]
}

export interface PlateModel {
  /** The names of its parts, as published. */
  name: string
  parts: string[]
  terms: readonly Term[]
  coefficients: readonly ModelCoefficient[]
  /** Highest total power of u and v. */
  degree: number
  /** Whether every term has one coefficient in ξ and one in η of its own, in that order: both axes share one design. */
  separable: boolean
}

/** Puts parts together; equal terms of different parts are one. */
export function plateModel(parts: readonly ModelPart[], context: PartContext = PLAIN_CONTEXT): PlateModel {
  const terms: Term[] = []
  const index = new Map<string, number>()
  const pieces = (list: [Term, number][]) =>
    list.map(([term, factor]) => {
      const key = nameOf(term)
      let at = index.get(key)
      if (at === undefined) {
        at = terms.push(term) - 1
        index.set(key, at)
      }
      return { term: at, factor }
    })
  const coefficients = parts.flatMap((part) =>
    part.coefficients(context).map(({ name, xi, eta }) => ({
      part: part.name,
      name,
      xi: pieces(xi),
      eta: pieces(eta),
    })),
  )
  const isPower = (term: Term): term is PowerTerm => term.kind === 'power'
  return {
    name: parts.map(({ name }) => name).join(' + '),
    parts: parts.map(({ name }) => name),
    terms,
    coefficients,
    degree: Math.max(0, ...terms.filter(isPower).map(({ u, v }) => u + v)),
    separable: coefficients.every(({ xi, eta }, k) =>
      k % 2 === 0 ? isSole(xi, k / 2) && eta.length === 0 : isSole(eta, (k - 1) / 2) && xi.length === 0,
    ),
  }
}

const isSole = (pieces: { term: number; factor: number }[], term: number) =>
  pieces.length === 1 && pieces[0]!.term === term && pieces[0]!.factor === 1

/** A coefficient in ξ and one in η for each term. */
export function onBothAxes(terms: readonly Term[]): PartCoefficient[] {
  return terms.flatMap((term) => [
    { name: `ξ ${nameOf(term)}`, xi: [[term, 1]], eta: [] } as PartCoefficient,
    { name: `η ${nameOf(term)}`, xi: [], eta: [[term, 1]] } as PartCoefficient,
  ])
}

/** One coefficient for a vector field on the plate, (along u, along v), turned to the sky. */
export function alongPlate(
  name: string,
  alongU: [Term, number][],
  alongV: [Term, number][],
  [a, b, c, d]: PartContext['axes'],
): PartCoefficient {
  const turned = (p: number, q: number): [Term, number][] => {
    const sum = new Map<string, [Term, number]>()
    const add = (list: [Term, number][], factor: number) => {
      for (const [term, value] of list) {
        const key = nameOf(term)
        sum.set(key, [term, (sum.get(key)?.[1] ?? 0) + factor * value])
      }
    }
    add(alongU, p)
    add(alongV, q)
    return [...sum.values()].filter(([, factor]) => factor !== 0)
  }
  return { name, xi: turned(a, b), eta: turned(c, d) }
}

/** Coefficients of each axis' terms from those of the model. */
export function spread(
  model: PlateModel,
  coefficients: ArrayLike<number>,
): { xi: Float64Array; eta: Float64Array } {
  const xi = new Float64Array(model.terms.length)
  const eta = new Float64Array(model.terms.length)
  model.coefficients.forEach((own, k) => {
    for (const { term, factor } of own.xi) xi[term] = xi[term]! + factor * coefficients[k]!
    for (const { term, factor } of own.eta) eta[term] = eta[term]! + factor * coefficients[k]!
  })
  return { xi, eta }
}
