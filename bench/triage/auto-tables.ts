// The tables and figures of the whole runs with --exposures auto.
import { quantile } from '../../src/math/robust.ts'
import { atLeast, atMost, type Figure, told } from '../acceptance/bench.ts'
import { markdown } from '../false-solutions/tables.ts'
import type { AutoRun } from './auto.ts'
import { percent } from './bounds.ts'
import { LEAST_SHOWN } from './truth.ts'

const LEAST_NAMED = 0.95
const MOST_OFF_PX = 0.5
const LEAST_SOLVED_PERCENT = 90
/** Medians of a hundred stars scatter by a tenth, their median over twenty plates by a thirtieth. */
const MOST_RATIO = 1.05

const there = ({ verdict }: AutoRun): number[] =>
  verdict.shown.flatMap((count, k) => (count >= LEAST_SHOWN ? [k] : []))

/** Solved exposures of a plate that are right: of each true one the first. */
function right({ verdict }: AutoRun) {
  const good = verdict.exposures.filter(
    ({ named_rightly: named, median_px: px }) => named >= LEAST_NAMED && px !== null && px < MOST_OFF_PX,
  )
  return good.filter(({ truth }, n) => good.findIndex((other) => other.truth === truth) === n)
}

const wrong = (run: AutoRun): number => run.verdict.exposures.length - right(run).length

const solved = (run: AutoRun): number[] =>
  there(run).filter((k) => right(run).some(({ truth }) => truth === k))

const ratio = ({ verdict: { compared } }: AutoRun): number | null =>
  compared === null ? null : compared.median_px / compared.single_median_px

export function autoFigures(runs: readonly AutoRun[]): Figure[] {
  const sum = (value: (run: AutoRun) => number) => runs.reduce((total, run) => total + value(run), 0)
  const [all, found] = [sum((run) => there(run).length), sum((run) => solved(run).length)]
  const ratios = runs.flatMap((run) => ratio(run) ?? [])
  const complete = runs.filter((run) => run.exit === 0).length
  const joint = runs.filter(({ verdict }) => (verdict.together?.members.length ?? 0) > 0).length
  return [
    atLeast(
      'whole runs',
      `of ${all} exposures of ${runs.length} plates solved`,
      LEAST_SOLVED_PERCENT,
      (100 * found) / all,
      ' %',
    ),
    atMost(
      'whole runs',
      `wrong ones among the ${sum(({ verdict }) => verdict.exposures.length)} solved`,
      0,
      sum(wrong),
    ),
    atMost(
      'whole runs',
      `error over that of a single plate, median of ${ratios.length}`,
      MOST_RATIO,
      ratios.length === 0 ? null : quantile(ratios, 0.5),
    ),
    told('whole runs', 'plates that end as reduced', `${complete} of ${runs.length}`),
    told('whole runs', 'plates whose exposures were fitted together', `${joint} of ${runs.length}`),
  ]
}

const MOST_TEXT = 300

export function autoTables(runs: readonly AutoRun[]): string[] {
  const rows = runs.map((run) => {
    const { seed, name, stars, damage, fwhmPx, field, exit, seconds, verdict, says } = run
    const { compared, together } = verdict
    return [
      ...[
        seed,
        name,
        stars,
        verdict.shown.join('/'),
        damage,
        fwhmPx.toFixed(1),
        field.toFixed(1),
        exit ?? '–',
      ],
      ...[`${solved(run).length} of ${there(run).length}`, wrong(run)],
      verdict.exposures
        .map((e) => `${e.truth}: ${e.pairs}, ${percent(e.named_rightly)}, ${e.median_px?.toFixed(3) ?? '–'}`)
        .join('; '),
      compared === null
        ? '–'
        : `${compared.median_px.toFixed(3)} / ${compared.single_median_px.toFixed(3)} = ${ratio(run)!.toFixed(2)} (${compared.stars})`,
      together === null
        ? '–'
        : `${together.members.length}, ${together.moved ?? 'nothing'}: ${together.gain_sigmas.map((gain) => gain?.toFixed(1) ?? '–').join(' ')}`,
      seconds.toFixed(0),
      exit === 0 ? '' : says.slice(0, MOST_TEXT),
    ]
  })
  const head = [
    ...[
      'seed',
      'plate',
      'stars',
      'images that show',
      'damage',
      'fwhm, px',
      'field, °',
      'exit',
      'solved',
      'wrong',
    ],
    ...['each: pairs, named rightly, median px', 'first exposure / single plate, px (stars)'],
    ...['fitted together, what moved: gain of each, σ', 's', 'why not reduced'],
  ]
  return [
    markdown(head, rows),
    'To make one again: `platepipe simulate` with',
    runs
      .filter((run) => wrong(run) > 0 || solved(run).length < there(run).length)
      .map((run) => `- \`${run.options}\``)
      .join('\n') || '(every exposure of every plate was solved)',
  ]
}
