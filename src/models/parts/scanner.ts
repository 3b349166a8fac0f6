// What a scanner adds along its axes: periodic errors of a carriage, of fitted periods, and steps at known
// edges of the tiles that a scan was put together from.
import { type ModelPart, onBothAxes, type PartContext } from '../plate-model.ts'
import type { Term, TileTerm } from '../term.ts'

export const periodic: ModelPart = {
  name: 'periodic',
  sentence: 'periodic errors of the scanner along its axes',
  coefficients: ({ periods }) =>
    onBothAxes(
      periods.flatMap(({ axis, periodPx }): Term[] => [
        { kind: 'wave', axis, periodPx, phase: 'sin' },
        { kind: 'wave', axis, periodPx, phase: 'cos' },
      ]),
    ),
}

export const steps: ModelPart = {
  name: 'steps',
  sentence: "a shift of each of the scanner's tiles against one of them",
  coefficients: ({ tileEdges, plainTiles }) =>
    onBothAxes(tilesBetween(tileEdges).filter((_, k) => !plainTiles.includes(k))),
}

/** Row by row along x, from the smallest y. */
export function tilesBetween({ x, y }: PartContext['tileEdges']): TileTerm[] {
  const spans = (edges: readonly number[]) =>
    [...edges, Number.POSITIVE_INFINITY].map((to, k): [number, number] => [
      k === 0 ? Number.NEGATIVE_INFINITY : edges[k - 1]!,
      to,
    ])
  return spans(y).flatMap((along) =>
    spans(x).map((across): TileTerm => ({ kind: 'tile', x: across, y: along })),
  )
}
