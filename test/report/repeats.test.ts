// Whether the stars repeat, as the page shows it: plates of random stars, with and without a second exposure.
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import type { Detections } from '../../src/detections.ts'
import { greyOf, offsetPicture } from '../../src/report/offset-picture.ts'
import { type ReportInput, renderReport } from '../../src/report/report.ts'
import { stepFigure } from '../../src/report/step-figure.ts'
import { randomStream } from '../../src/simulate/random.ts'
import type { ExposureSolution } from '../../src/solution.ts'
import { type SeveralExposures, severalExposures } from '../../src/stages/triage/several-exposures.ts'
import { detectionsOf, reportInput } from './plates.ts'

const WIDTH = 900
const HEIGHT = 700
const SHIFT = [37.3, -12.6] as const
const STEP_MAG = 0.6

/** Every star of the first half of the rows again, shifted and fainter, with errors of 0.1 px and 0.05 mag. */
function repeatedStars(stars: number): Detections {
  const length = 2 * stars
  const first = detectionsOf(WIDTH, HEIGHT, length)
  const random = randomStream(3, 'repeats')
  const again = (column: Float64Array, by: number, error: number) =>
    column.map((value, i) => (i < stars ? value : column[i - stars]! + by + error * random.gauss()))
  return {
    ...first,
    x: again(first.x, SHIFT[0], 0.1),
    y: again(first.y, SHIFT[1], 0.1),
    magInst: again(first.magInst, STEP_MAG, 0.05),
  }
}

function told(detections: Detections, width = WIDTH, height = HEIGHT): SeveralExposures {
  return severalExposures({
    ...{ detections, reject: new Int32Array(detections.length), ranked: new Int32Array() },
    ...{ pixelUm: 20, scaleArcsecPerPx: null, width, height, fwhmPx: 3 },
    logbook: { method: null, exposures: null, insists: false },
    sky: {} as Parameters<typeof severalExposures>[0]['sky'], // is not asked
    correlations: [],
  })
}

const textOf = (page: string) =>
  page
    .replace(/<style>[\s\S]*<\/style>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

/** The page of a plate whose stars have two images each, left to a person. */
async function flagged(): Promise<ReportInput> {
  const input = await reportInput({ width: WIDTH, height: HEIGHT, detections: 300, pairs: 0, rejected: 0 })
  const detections = repeatedStars(150)
  const several = told(detections)
  const solution = {
    ...input.solution,
    ...{ status: 'manual' as const, class: 'multi' as const, reasons: several.reasons },
  }
  const filtered = { ...input.filtered, reject: new Int32Array(300) }
  return { ...input, solution, detections, filtered, triaged: { several } }
}

/** The same plate with both exposures solved. */
async function solvedBoth(): Promise<ReportInput> {
  const input = await flagged()
  const other = await reportInput({ width: WIDTH, height: HEIGHT, detections: 300, pairs: 60, rejected: 0 })
  const { member, exposures: pattern } = input.triaged.several!.pattern!
  const rowsOf = (k: number) => Int32Array.from(member.keys()).filter((row) => member[row] === k)
  const entry = (index: number): ExposureSolution => ({
    ...other.solution.exposures[0]!,
    index,
    ...{ offset_px: [pattern[index]!.dx, pattern[index]!.dy], mag_step: pattern[index]!.magStep },
    epoch_yr: 1951.911 + 10 * index,
  })
  const shifted = { ...entry(1).solve, log_odds: null, index_file: null, attempt: 'shifted from another' }
  const solution: ReportInput['solution'] = {
    ...input.solution,
    status: 'reduced',
    reasons: input.solution.reasons.map((found) => ({ ...found, severity: 'info' })),
    exposures: [entry(0), { ...entry(1), solve: shifted }],
    exposures_together: { members: [0, 1], moved: 'telescope', gain_sigmas: [0.48, -1.51] },
  }
  const exposures = [0, 1].map((k) => ({ ...other.exposures[0]!, rows: rowsOf(k) }))
  return { ...input, solution, exposures }
}

describe('the map of offsets', () => {
  const { histogram, boxPx, peaks } = told(repeatedStars(150)).offsets

  it('holds every pair at both ends, and is darkest where the stars repeat', () => {
    const { counts, cells, cellPx, most, png } = offsetPicture(histogram, histogram.reachPx, 100)
    expect(counts.reduce((a, b) => a + b, 0)).toBe(2 * histogram.dx.length)
    const mirrored = counts.toReversed()
    expect(counts.filter((count, k) => count !== mirrored[k]).length).toBe(0)
    const darkest = counts.indexOf(most)
    const found = [(darkest % cells) + 0.5 - cells / 2, cells / 2 - Math.floor(darkest / cells) - 0.5]
    const [dx, dy] = found.map((cell) => cell * cellPx) as [number, number]
    const sign = Math.sign(dx)
    expect(Math.hypot(sign * dx - SHIFT[0], sign * dy - SHIFT[1])).toBeLessThan(cellPx)
    expect(most).toBeGreaterThan(100)
    const picture = PNG.sync.read(png)
    expect([picture.width, picture.height]).toEqual([100, 100])
    expect(picture.data[4 * darkest]).toBe(greyOf(most, most))
    expect(picture.data[4 * counts.indexOf(0)]).toBe(255)
  })

  it('has the same magnitude difference in all pairs at the peak, and few pairs around it', () => {
    expect(peaks[0]!.magStep).toBeCloseTo(STEP_MAG, 1)
    const { pairs, around, svg } = stepFigure(histogram, peaks[0]!, boxPx, 'steps')
    expect(pairs).toBeGreaterThan(100)
    expect(pairs).toBeLessThanOrEqual(150 + 5)
    expect(around).toBeLessThan(3)
    expect(svg.markup).not.toMatch(/NaN|Infinity|undefined/)
  })

  it('gives the surroundings of random stars what their own number of pairs gives', () => {
    const random = told(detectionsOf(WIDTH, HEIGHT, 600)).offsets
    const at = { ...peaks[0]!, dx: 100, dy: 40 }
    const { around } = stepFigure(random.histogram, at, 20, 'steps')
    const halfCircle = (Math.PI * random.histogram.reachPx ** 2) / 2
    const expected = (random.histogram.dx.length * 20 ** 2) / halfCircle
    expect(around / expected).toBeGreaterThan(0.8)
    expect(around / expected).toBeLessThan(1.4) // long offsets leave the plate
  })
})

describe('the page of a plate with two exposures', () => {
  it('shows the offsets and the exposures when nobody asked to solve them', async () => {
    const input = await flagged()
    const page = await renderReport(input)
    const text = textOf(page)
    expect(text).toContain('Yes: the plate holds 2 exposures.')
    expect(text).toMatch(
      /At \(37\.3, −12\.6\) px there are 1\d\d pairs whose second image is 0\.\d\d mag fainter/,
    )
    expect(text).toMatch(/the chance of as strong a one anywhere is 10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]{3}/)
    expect(text).toMatch(/exposure 2 \+37\.3, −12\.6 px 788 µm 0\.\d\d mag 1\d\d/)
    expect(text).toMatch(/1\d\d of exposure 1 1\d\d of exposure 2/)
    expect(text).not.toMatch(/NaN|undefined|null|Infinity/)
    for (const id of ['offsets', 'offsets-near', 'steps', 'close-up'])
      expect(page).toContain(`<svg id="${id}"`)
    expect(await renderReport(await flagged())).toBe(page)
  })

  it('tells the exposures apart by shape and colour, also where they are solved', async () => {
    const page = await renderReport(await solvedBoth())
    const picture = page.slice(page.indexOf('<svg id="preview"'))
    const groups = [...picture.matchAll(/<g stroke="(#\w+)"><path d="([^"]*)" [^>]*><path d="([^"]*)"/g)]
    expect(groups.map(([, colour]) => colour)).toEqual(['#0072B2', '#009E73']) // the deepest on top
    const [, , thinSquares, boldSquares] = groups[0]!
    expect(`${thinSquares}${boldSquares}`).toMatch(/^(M[\d.]+ [\d.]+(L[\d.-]+ [\d.-]+){3}Z)+$/)
    expect(groups[1]![3]).toMatch(/^(M[\d. -]+a[^M]+)+$/)
  })

  it('gives each its shift, epoch, files and what it gains by the others', async () => {
    const text = textOf(await renderReport(await solvedBoth()))
    for (const said of [
      /exposure 1 – – – 1\d\d 60 0\.134″ 1951\.91 together \(\+0\.5 σ\)/,
      /exposure 2 \+37\.3, −12\.6 px 788 µm · 78\.8″ 0\.\d\d mag 1\d\d 60 0\.134″ 1961\.91 together \(−1\.5 σ\)/,
      /as if the telescope was moved between them/,
      /wcs-1\.fits departs from them by/,
      /scamp-1\.head departs by/,
      /solved by shifted from another (?!,)/,
      /epoch 1961\.911 \(from the header/,
      /Nothing is left to do: every exposure was solved/,
    ]) {
      expect(text).toMatch(said)
    }
    expect(text).not.toMatch(/log-odds –|NaN|undefined|null/)
  })

  it('does not vouch for what was solved where a check did not pass', async () => {
    const input = await solvedBoth()
    const solution = { ...input.solution, status: 'manual' as const }
    const text = textOf(await renderReport({ ...input, solution }))
    expect(text).toMatch(/Not vouched for: .* published/)
    expect(text).toContain('Exposure 2: 60 stars of the plate agree')
    expect(text).not.toContain('What was detected is in detections.fits')
  })
})

describe('the page of a plate with one exposure', () => {
  it('shows that no offset stands out, and says so', async () => {
    const input = await reportInput({ width: 400, height: 300, detections: 300 })
    const several = told(input.detections, 400, 300)
    const page = await renderReport({ ...input, triaged: { several } })
    const text = textOf(page)
    expect(several.offsets.peaks.length).toBe(0)
    expect(text).toContain('No: no offset stands out.')
    expect(text).toMatch(
      /The strongest is \([−\d.]+, [−\d.]+\) px: \d+ pairs .* as strong a one is often there by chance/,
    )
    expect(text).not.toContain('Exposures')
    expect(page).not.toContain('id="steps"')
  })

  it('says where it could not be asked', async () => {
    expect(textOf(await renderReport(await reportInput()))).toContain('could not be asked')
  })
})

it('the section adds less than 150 kB, also on a crowded plate', async () => {
  const input = await flagged()
  const random = randomStream(9, 'crowded')
  const length = 3000
  const column = (value: () => number) => Float64Array.from({ length }, value)
  const crowded = {
    ...detectionsOf(WIDTH, HEIGHT, 10),
    length,
    x: column(() => random.between(1, WIDTH)),
    y: column(() => random.between(1, HEIGHT)),
    magInst: column(() => random.gauss()),
  }
  const sizes = [null, told(crowded), told(repeatedStars(600))].map(async (several) => {
    const page = await renderReport({
      ...input,
      solution: { ...input.solution, reasons: [] },
      triaged: { several },
    })
    return Buffer.byteLength(page)
  })
  const [without, ...others] = await Promise.all(sizes)
  const added = others.map((size) => (size - without!) / 1000)
  console.log(`the section adds ${added.map((kB) => kB.toFixed(0)).join(' and ')} kB`)
  expect(Math.max(...added)).toBeLessThan(150)
})
