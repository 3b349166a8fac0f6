// Rows: the plates without reference stars, which must end in words; and what SuperCOSMOS itself saw on four of them.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { atLeast, type Bench, type Figure, judge, mustBe, reduce, told, verified, whyNot } from './bench.ts'

const SUPERCOSMOS = ['supercosmos-2012', 'supercosmos-2042', 'supercosmos-2160', 'supercosmos-2300']
const OTHERS = ['horsehead-serc-er-1990', 'gemini-poss1-o-1954', ...SUPERCOSMOS]

/** Words that send the reader for reference stars. */
const SAYS_WHAT_TO_FETCH = /fetch .*--catalog/

export async function others(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const name of OTHERS) {
    const run = await reduce(bench, join(bench.shared, 'plates', `${name}.fits`), 'others', name)
    const why = whyNot(run)
    figures.push(
      mustBe(name, 'exit status', 4, run.exit),
      mustBe(
        name,
        'detections.fits',
        'there',
        existsSync(join(run.folder, 'detections.fits')) ? 'there' : 'missing',
      ),
      {
        row: name,
        figure: 'says what to fetch',
        required: 'yes',
        measured: why,
        pass: SAYS_WHAT_TO_FETCH.test(why),
      },
    )
  }
  return [...figures, await verified('others', join(bench.out, 'others'))]
}

interface Seen {
  stars: number
  found: number
  unrejected: number
  chance: number
  detections: number
  offset: [number, number]
  median_px: number
  wcs_scatter_px: number
}

const MIN_SEEN = 0.95

/** The search for a solution is cut short: the detections do not depend on it. */
export async function supercosmos(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const name of SUPERCOSMOS) {
    const scan = join(bench.shared, 'plates', `${name}.fits`)
    const run = await reduce(bench, scan, 'supercosmos', name, ['--solve-cpu', '1', '--solve-time', '2'])
    const seen = await judge<Seen>('supercosmos', [scan, join(run.folder, 'detections.fits')])
    const [dx, dy] = seen.offset.map((value) => value.toFixed(3))
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`
    figures.push(
      atLeast(name, `share of its ${seen.stars} single stars detected`, MIN_SEEN, seen.found),
      told(name, 'by chance, at places 21 px away', percent(seen.chance)),
      told(name, 'detected and not rejected', percent(seen.unrejected)),
      told(name, 'detections', String(seen.detections)),
      told(
        name,
        'median distance; median of detection minus object',
        `${seen.median_px.toFixed(3)} px; ${dx}, ${dy} px`,
      ),
    )
  }
  return figures
}
