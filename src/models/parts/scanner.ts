// What a scanner adds along its axes: periodic errors of a carriage, of fitted periods, and steps at known edges of tiles.
import { type ModelPart, onBothAxes } from '../plate-model.ts'
import type { Term } from '../term.ts'

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
  sentence: "steps at the edges of the scanner's tiles",
  coefficients: ({ tileEdges }) =>
    onBothAxes(tileEdges.map(({ axis, edgePx }): Term => ({ kind: 'step', axis, edgePx }))),
}
