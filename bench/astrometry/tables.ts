// The comparison with SCAMP as pages of Markdown: every program and degree, plate by plate.
import type { Judged, Places, Slope } from './judged.ts'
import type { Compared } from './plate.ts'

const MAS = 1000
const number = (arcsec: number | null | undefined) =>
  arcsec === null || arcsec === undefined || !Number.isFinite(arcsec)
    ? '–'
    : (MAS * arcsec).toFixed(arcsec < 0.1 ? 1 : 0)
const slope = (value: Slope) => (value === null ? '–' : `${value[0].toFixed(1)} ± ${value[1].toFixed(1)}`)

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function rowOf(name: string, found: Places, judged: Judged): string {
  const floor = judged.floor?.floor
  return line([
    name,
    String(found.placed),
    number(found.rms_ra),
    number(found.rms_dec),
    number(found.median),
    ...found.by_mag.map(number),
    number(found.centre),
    number(found.outer),
    floor === undefined || found.to_truth === undefined ? '–' : (found.to_truth / floor).toFixed(3),
    ...found.slope_mag.map(slope),
    slope(found.slope_coma),
    ...found.slope_colour.map(slope),
  ])
}

/** Held-out residuals of one plate: a row for each program and degree. */
export function plateTable({ plate, judged, scampFailed }: Compared): string {
  const bins = judged.mag_bins.map((bin) => `G ${bin}`)
  const heads = [
    'program',
    'stars',
    'RA',
    'Dec',
    'median',
    ...bins,
    'inner half',
    'outer tenth',
    'of the floor',
  ]
  const slopes = ['x / mag', 'y / mag', 'coma', 'x / colour', 'y / colour']
  const all = [...heads, ...slopes]
  const named = (name: string) => {
    const [set, degree] = name.split('-')
    const mark = name === judged.best ? ' (best)' : ''
    return `SCAMP ${degree}, ${set === 'platepipe' ? 'platepipe’s' : 'SExtractor’s'} detections${mark}`
  }
  const { floor } = judged
  const floorRow = (f: NonNullable<Judged['floor']>) =>
    line(['floor', String(judged.pairs), ...['', ''].map(() => number(f.floor / Math.SQRT2)), '–', ...f.floor_by_mag.map(number),
      number(f.floor_centre), number(f.floor_outer), '1', ...slopes.map(() => '–')]) // biome-ignore format: as it reads
  return [
    `### ${plate.name}`,
    '',
    line(all),
    line(all.map(() => '---')),
    rowOf('platepipe', judged.platepipe, judged),
    rowOf('platepipe, wcs.fits alone', judged.platepipe_wcs, judged),
    ...Object.entries(judged.scamp).map(([name, found]) => rowOf(named(name), found, judged)),
    ...(floor === undefined ? [] : [floorRow(floor)]),
    ...(scampFailed.length === 0 ? [] : ['', `SCAMP left no solution ${scampFailed.length} times.`]),
  ].join('\n')
}

export const HOW = `Five folds of the reference stars, by blocks of a 10 × 10 grid. For each fold both programs get a catalogue without its stars;
its stars are then placed by what each program published (platepipe: the row of the detection in catalogue.fits, SCAMP: its
.head read by astropy) for the same detections, platepipe’s. Which detection is which star is decided once: by the truth
on a simulated plate, by place within 2″ of the full solution on M67. Images that a flaw displaced by more than five times
the scatter of their magnitude are left out (\`flawed\`), but not from M67’s stars of
G < 16 (alone: no star of the catalogue that is less than 3 mag fainter lies within 6″). SCAMP gets the stars at the plate’s
epoch, a linear start through the other folds’ stars, and the radius that holds them; its best degree is chosen in hindsight,
by the residuals of the held-out stars themselves. The floor of a simulated plate is the rms distance of the same detections
to the places where the optics, the scanner and the emulsion’s mean put the images (x, y of the truth), one linear map of the whole
plate taken out: centring and the emulsion’s shifts, without any error of a plate model. RMS are per axis, mas, of held-out
stars against the reference; distances to the truth are two-dimensional. Slopes: mas per magnitude, along x and y of the scan;
coma is away from the centre per half-width. Pulls: residual over the published error and that of the reference star.`
