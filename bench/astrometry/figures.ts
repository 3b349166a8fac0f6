// The figures that a plate of the comparison is held to.
import { atMost, type Figure, told } from '../acceptance/bench.ts'
import type { Judged, Pull } from './judged.ts'
import type { Compared } from './plate.ts'

const AS_GOOD = 1
const CLEARLY_BETTER = 0.85
const OUTER_TO_CENTRE = 1.3
const TO_FLOOR = 1.03
const M67_ARCSEC = 0.105
const PULL_OFF = 0.05
const PULL_RANGE = [0.8, 1.25] as const
const MIN_IN_BIN = 100
const MAS = 1000

export function figuresOf({ plate, judged, platepipeFailed, model, seconds }: Compared): Figure[] {
  const row = plate.name
  const { platepipe, best } = judged
  const rival = best === null ? undefined : judged.scamp[best]
  const figures: Figure[] = [
    told(row, 'pairs; flawed images, too faint ones left out; model; time', sizes(judged, model, seconds)),
    {
      row,
      figure: 'folds that platepipe did not reduce',
      required: 'none',
      measured: platepipeFailed.join('; ') || 'none',
      pass: platepipeFailed.length === 0,
    },
    told(
      row,
      'held out, right ascension and declination',
      `${mas(platepipe.rms_ra)}, ${mas(platepipe.rms_dec)}; SCAMP’s best (${best}) ${mas(rival?.rms_ra)}, ${mas(rival?.rms_dec)}${onPlate(judged)}`,
    ),
    againstScamp(row, judged, plate.hard),
    ...attainable(row, judged),
    atMost(
      row,
      'outer tenth to inner half, rms',
      OUTER_TO_CENTRE,
      hundredths(platepipe.outer / platepipe.centre),
    ),
  ]
  const { floor } = judged
  if (floor !== undefined) {
    const toFloor = (distance: number | undefined) => (distance ?? Number.NaN) / floor.floor
    const degrees = Object.values(judged.scamp).map((found) => toFloor(found.to_truth))
    figures.push(
      told(
        row,
        'floor: rms distance of the detections to the true images',
        `${mas(floor.floor)}, of it centring ${mas(floor.centring)}`,
      ),
      atMost(
        row,
        'rms distance to the true places, of the floor',
        TO_FLOOR,
        hundredths(toFloor(platepipe.to_truth)),
      ),
      told(
        row,
        'the same, SCAMP’s best with the truth in view, and its worst',
        `${two(Math.min(...degrees))}, ${two(Math.max(...degrees))}`,
      ),
    )
  } else {
    const [stars, ra, dec] = platepipe.bright_isolated
    figures.push(
      atMost(row, `${stars} stars of G < 16 alone within 6″, right ascension`, M67_ARCSEC, ra, '″'),
      atMost(row, `${stars} stars of G < 16 alone within 6″, declination`, M67_ARCSEC, dec, '″'),
    )
  }
  return [...figures, ...pullFigures(row, judged)]
}

function againstScamp(row: string, judged: Judged, hard: boolean): Figure {
  const limit = hard ? CLEARLY_BETTER : AS_GOOD
  const { ratio } = judged
  const pass = ratio !== undefined && hundredths(ratio) <= limit
  const measured = ratio === undefined ? 'none' : `${ratio.toFixed(3)} ± ${judged.ratio_error?.toFixed(3)}`
  return { row, figure: 'rms, of SCAMP’s best degree', required: `≤ ${limit}`, measured, pass }
}

/** A plate model cannot be better than the centring lets it be: what there is to be won over SCAMP. */
function attainable(row: string, { perfect_ratio: ratio }: Judged): Figure[] {
  return ratio === undefined ? [] : [told(row, 'the same for the true plate model', ratio.toFixed(3))]
}

function pullFigures(row: string, { pulls }: Judged): Figure[] {
  const overall = pulls.all.rms
  const bins = [
    ...pulls.by_mag.map((pull) => ({ pull, label: `G ${pull.bin}` })),
    ...pulls.by_radius.map((pull) => ({ pull, label: `r ${pull.bin}` })),
  ].filter(({ pull }) => pull.n >= MIN_IN_BIN)
  const off = bins.filter(({ pull }) => !within(pull))
  return [
    {
      row,
      figure: 'pulls, rms',
      required: `1 ± ${PULL_OFF}`,
      measured: `${two(overall)} (robust ${two(pulls.all.robust)})`,
      pass: overall !== null && Math.abs(overall - 1) <= PULL_OFF,
    },
    {
      row,
      figure: `pulls in ${bins.length} bins of at least ${MIN_IN_BIN} stars: outside ${PULL_RANGE.join('–')}`,
      required: 'none',
      measured: off.map(({ pull, label }) => `${label}: ${two(pull.rms)}`).join('; ') || 'none',
      pass: off.length === 0,
    },
  ]
}

function within({ rms }: Pull): boolean {
  return rms !== null && rms >= PULL_RANGE[0] && rms <= PULL_RANGE[1]
}

function sizes(judged: Judged, model: string, seconds: number): string {
  return `${judged.pairs}; ${judged.flawed}, ${judged.faint}; ${model}; ${seconds.toFixed(0)} s`
}

const hundredths = (value: number) => Math.round(100 * value) / 100

export function two(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : value.toFixed(2)
}

/** Arcsec shown as mas. */
export function mas(arcsec: number | null | undefined): string {
  return arcsec === null || arcsec === undefined ? '–' : `${(MAS * arcsec).toFixed(0)} mas`
}

/** The same rms on the plate, where the size of its pixels is known. */
function onPlate({ platepipe, scale, pixel_um }: Judged): string {
  return pixel_um === null ? '' : `; platepipe ${((platepipe.rms / scale) * pixel_um).toFixed(2)} µm per axis`
}
