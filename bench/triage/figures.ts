// The figures of the triage bench that are held against a bound.
import { atMost, type Figure, told } from '../acceptance/bench.ts'
import { percent, rate } from './bounds.ts'
import type { Judged, Said } from './judged.ts'
import { called, counted, countIsRight, isRecognised, NEAR_PX, ofClass } from './tables.ts'

const MOST_MULTI_MISSED = 0.01
const MOST_SINGLE_FLAGGED = 0.02
const LEAST_COMPLEX = 0.95
const LEAST_COUNTED = 0.9
const LEAST_PLACED = 0.9

const most = (row: string, figure: string, limit: number, k: number, n: number): Figure => ({
  ...{ row, figure, required: `≤ ${percent(limit)}`, measured: rate(k, n) },
  pass: n === 0 ? null : k / n <= limit,
})

const least = (row: string, figure: string, limit: number, k: number, n: number): Figure => ({
  ...{ row, figure, required: `≥ ${percent(limit)}`, measured: `${k} of ${n} (${percent(k / n)})` },
  pass: n === 0 ? null : k / n >= limit,
})

export function triageFigures(plates: readonly Judged[]): Figure[] {
  const [single, multi, wedge, complex] = (['single', 'multi', 'wedge', 'complex'] as const).map((name) =>
    ofClass(plates, name),
  ) as [Judged[], Judged[], Judged[], Judged[]]
  const measured = plates.flatMap(({ offsetErrorPx }) => offsetErrorPx ?? [])
  const near = measured.filter((px) => px <= NEAR_PX).length
  return [
    most('class', 'multi called single', MOST_MULTI_MISSED, called(multi, 'single').length, multi.length),
    most('class', 'single called multi', MOST_SINGLE_FLAGGED, called(single, 'multi').length, single.length),
    told('class', 'single called complex', rate(called(single, 'complex').length, single.length)),
    least(
      'class',
      'complex recognised, right code',
      LEAST_COMPLEX,
      complex.filter(isRecognised).length,
      complex.length,
    ),
    told('class', 'wedges told by their own code', `${wedge.filter(isRecognised).length} of ${wedge.length}`),
    told('class', 'left out: a ghost that hardly shows', String(plates.length - counted(plates).length)),
    least('exposures', 'number right', LEAST_COUNTED, multi.filter(countIsRight).length, multi.length),
    least('exposures', `all offsets within ${NEAR_PX} px`, LEAST_PLACED, near, measured.length),
  ]
}

export function realFigure(real: readonly Said[]): Figure {
  const flagged = real.filter((own) => own.class !== 'single').length
  return atMost('real plates', `of ${real.length} called multi or complex`, 0, flagged)
}
