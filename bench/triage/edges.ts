// How well the edges of images tell specks from stars, and what that is worth to the list that the solver is given.
import { edgesOf, isSharpEdged } from '../../src/edges.ts'
import { quantile } from '../../src/math/robust.ts'
import { markdown } from '../false-solutions/tables.ts'
import { percent } from './bounds.ts'
import type { TriagePlate } from './plates.ts'

/** Of one plate; stars are images of the true exposures, all else that is detected is none. */
export interface ToldByEdges {
  stars: number
  starsSharp: number
  others: number
  othersSharp: number
  /** Of the first that the solver is given. */
  first: number
  firstStars: number
  left: number
  leftStars: number
}

const FIRST = 60

export function toldByEdges({ exposure, input }: Pick<TriagePlate, 'exposure' | 'input'>): ToldByEdges {
  const { detections, ranked } = input
  const rows = Array.from({ length: detections.length }, (_, i) => i)
  const isStar = (row: number) => exposure[row]! >= 0
  const [stars, others] = [rows.filter(isStar), rows.filter((row) => !isStar(row))]
  const sharp = (of: readonly number[]) => of.filter((row) => isSharpEdged(detections, row)).length
  const first = [...ranked.subarray(0, FIRST)]
  return {
    ...{ stars: stars.length, starsSharp: sharp(stars), others: others.length, othersSharp: sharp(others) },
    ...{ first: first.length, firstStars: first.filter(isStar).length },
    ...{ left: ranked.length, leftStars: [...ranked].filter(isStar).length },
  }
}

interface Row {
  family: string
  truth: { class: string }
  edges: ToldByEdges
}

const share = (k: number, n: number) => (n === 0 ? '–' : `${percent(k / n)} of ${n}`)

/** Plates of round images, by how many detections there are to a star. */
export function edgesTable(plates: readonly Row[]): string {
  const round = plates.filter((plate) => ['single', 'multi'].includes(plate.truth.class))
  const bounds = [0, 0.5, 2, 10, Number.POSITIVE_INFINITY]
  const names = [
    'fewer than 1 to 2 stars',
    '1/2 to 2 to a star',
    '2 to 10 to a star',
    'more than 10 to a star',
  ]
  const rows = names.map((name, k) => {
    const own = round.filter(({ edges }) => {
      const ratio = edges.others / Math.max(1, edges.stars)
      return ratio >= bounds[k]! && ratio < bounds[k + 1]!
    })
    const sum = (of: (edges: ToldByEdges) => number) => own.reduce((total, { edges }) => total + of(edges), 0)
    return [
      name,
      own.length,
      share(
        sum((e) => e.othersSharp),
        sum((e) => e.others),
      ),
      share(
        sum((e) => e.starsSharp),
        sum((e) => e.stars),
      ),
      share(
        sum((e) => e.leftStars),
        sum((e) => e.left),
      ),
      share(
        sum((e) => e.firstStars),
        sum((e) => e.first),
      ),
    ]
  })
  return markdown(
    [
      'detections that are no star',
      'plates',
      'have sharp edges',
      'stars with sharp edges',
      'stars among all that the filter leaves',
      `stars among the first ${FIRST}`,
    ],
    rows,
  )
}

/** Of a real plate, whose stars and specks nobody has told apart: what its round single images look like. */
export interface RealEdges {
  /** Round single images large enough to be sure. */
  sizeable: number
  sharp: number
  /** Of their areal profiles: 5 %, half and 95 % are below. */
  quantiles: number[]
}

export function realEdges({ detections }: TriagePlate['input']): RealEdges {
  const rows = Array.from({ length: detections.length }, (_, i) => i)
  const { sharp, sizeable } = edgesOf(detections, rows)
  const profiles = sizeable.map((row) => detections.arealProfile[row]!)
  return {
    sizeable: sizeable.length,
    sharp: sharp.length,
    quantiles: [0.05, 0.5, 0.95].map((share) => quantile(profiles, share)),
  }
}

export const realEdgesTable = (plates: readonly { name: string; edges: RealEdges }[]): string =>
  markdown(
    [
      'plate',
      'round single images of 25 px and more',
      'with sharp edges',
      'areal profile: 5 %',
      '50 %',
      '95 %',
    ],
    plates.map(({ name, edges }) => [
      name,
      edges.sizeable,
      edges.sharp,
      ...edges.quantiles.map((value) => value.toFixed(2)),
    ]),
  )
