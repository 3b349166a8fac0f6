// npm run bench -- tycho2-motions [--stars DIR] [--platepipe PATH] [--out DIR] [--result FILE]
//   How well src/math/mean-motion.ts knows the mean proper motion of a field, by the motions of Hipparcos and Tycho-2 to
//   V = 10.5 in the star catalogues of Stellarium (Debian's stellarium-data: unpack it anywhere with dpkg-deb -x). First
//   fields over the whole sky; then a real plate, reduced with the stars' own motions, with the mean ones and with none.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { type MeanMotion, meanMotion } from '../src/math/mean-motion.ts'
import { median, tukeyWeight } from '../src/math/robust.ts'
import { DEG, placeOf, separationDeg } from '../src/math/sphere.ts'
import { provenance } from './acceptance/table.ts'
import { type MovingStars, readStellarium } from './tycho2-motions/stellarium.ts'

const { values } = parseArgs({
  options: {
    stars: { type: 'string', default: '/usr/share/stellarium/stars/default' },
    platepipe: { type: 'string', default: 'bin/platepipe' },
    out: { type: 'string', default: '.cache/tycho2-motions' },
    result: { type: 'string' },
  },
})
const FIELDS = 1000
const PLATE = '../shared/plates/orion-harvard-b2312-1888.fits'
/** Of its field, with room around it. */
const PLATE_CENTRE = [83.9, -4.6] as const
const PLATE_RADIUS_DEG = 10
const MIN_STARS = 20
/** Stars outside are few, or near the limit of the catalogue, where its red stars are missing. */
const V_RANGE = [5, 10.4] as const

const begun = provenance(['npm run bench -- tycho2-motions', ...process.argv.slice(2)].join(' '))
  .split('\n')
  .filter((line) => !line.startsWith('- judges'))
const stars = readStellarium(values.stars)
const means = Array.from(stars.raDeg, (ra, i) => meanMotion(ra, stars.decDeg[i]!, stars.vMag[i]!))
const text = [
  '# What is left of the mean motion of Tycho-2’s stars\n',
  begun.join('\n'),
  `- stars: ${stars.length} of Hipparcos and Tycho-2 in ${values.stars}, ${V_RANGE[0]} < V < ${V_RANGE[1]} used\n`,
  '## Fields over the whole sky\n',
  'Robust mean motion of the stars of a field, per axis, in mas/yr: rms over the fields, and without the noise that the',
  'scatter of so many stars makes; before (as it is) and after the mean motion of the model is taken out.\n',
  skyTable(),
  '\n## A real plate\n',
  await plateTable(),
].join('\n')
console.log(text)
if (values.result !== undefined) writeFileSync(values.result, `${text}\n`)

interface Field {
  raDeg: number
  decDeg: number
  /** Galactic latitude. */
  latitudeDeg: number
  count: number
  noise: number
  /** Right ascension and declination. */
  before: [number, number]
  after: [number, number]
  /** Share of the motions within the scatter. */
  within: number
}

function skyTable(): string {
  const rows = [
    '| field | latitude | fields | stars | before: rms, without noise | after: rms, without noise | within the scatter |',
  ]
  rows.push('| --- | --- | --- | --- | --- | --- | --- |')
  let worst = ''
  for (const radiusDeg of [1, 2.5, 5]) {
    const fields = fieldsOf(radiusDeg)
    if (radiusDeg === 2.5) worst = worstOf(fields)
    const bands =
      radiusDeg === 2.5
        ? [
            [0, 90],
            [0, 10],
            [10, 25],
            [25, 45],
            [45, 90],
          ]
        : [[0, 90]]
    for (const [from, to] of bands) {
      const chosen = fields.filter((f) => Math.abs(f.latitudeDeg) >= from! && Math.abs(f.latitudeDeg) < to!)
      rows.push(
        `| ${2 * radiusDeg}° | ${from}–${to}° | ${chosen.length} | ${median(chosen.map((f) => f.count))} | ` +
          `${spread(chosen, 'before')} | ${spread(chosen, 'after')} | ${(100 * mean(chosen.map((f) => f.within))).toFixed(0)} % |`,
      )
    }
  }
  return `${rows.join('\n')}\n\n${worst}`
}

/** Where clusters and associations rule the field. */
function worstOf(fields: readonly Field[]): string {
  const size = (f: Field) => Math.hypot(...f.after)
  const named = fields
    .toSorted((a, b) => size(b) / b.noise - size(a) / a.noise)
    .slice(0, 6)
    .map(
      (f) => `${f.raDeg.toFixed(0)} ${f.decDeg.toFixed(0)}: ${f.after.map((v) => v.toFixed(1)).join(', ')}`,
    )
  return `The 5° fields where most is left beyond the noise (place: mas/yr): ${named.join('; ')}.`
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}

function spread(fields: readonly Field[], which: 'before' | 'after'): string {
  const square = mean(fields.flatMap((f) => f[which].map((v) => v * v)))
  const noise = mean(fields.map((f) => f.noise ** 2))
  return `${Math.sqrt(square).toFixed(2)}, ${Math.sqrt(Math.max(0, square - noise)).toFixed(2)}`
}

/** Fields on a spiral from pole to pole, so that each has the same share of the sky. */
function fieldsOf(radiusDeg: number): Field[] {
  const nearest = Math.cos(radiusDeg * DEG)
  const fields: Field[] = []
  for (let k = 0; k < FIELDS; k++) {
    const z = 1 - (2 * k + 1) / FIELDS
    const turn = Math.PI * (1 + Math.sqrt(5)) * k
    const [x, y] = [Math.sqrt(1 - z * z) * Math.cos(turn), Math.sqrt(1 - z * z) * Math.sin(turn)]
    const rows: number[] = []
    for (let i = 0; i < stars.length; i++) {
      const cosine = x * stars.unit[3 * i]! + y * stars.unit[3 * i + 1]! + z * stars.unit[3 * i + 2]!
      if (cosine > nearest && stars.vMag[i]! > V_RANGE[0] && stars.vMag[i]! < V_RANGE[1]) rows.push(i)
    }
    if (rows.length < MIN_STARS) continue
    const latitudeDeg = Math.asin(-0.867666149 * x - 0.1980763734 * y + 0.4559837762 * z) / DEG
    fields.push({ ...degrees(x, y, z), latitudeDeg, count: rows.length, ...motionOf(rows) })
  }
  return fields
}

function degrees(x: number, y: number, z: number): { raDeg: number; decDeg: number } {
  const { ra, dec } = placeOf([x, y, z])
  return { raDeg: ra / DEG, decDeg: dec / DEG }
}

/** As a robust fit to a plate weighs the stars. */
function motionOf(rows: readonly number[]): Pick<Field, 'noise' | 'before' | 'after' | 'within'> {
  const sigma = rows.map((i) => means[i]!.scatterMasYr)
  const axes = [
    [stars.pmRaMasYr, (m: MeanMotion) => m.pmRaMasYr],
    [stars.pmDecMasYr, (m: MeanMotion) => m.pmDecMasYr],
  ] as const
  const before = axes.map(([own]) =>
    location(
      rows.map((i) => own[i]!),
      sigma,
    ),
  )
  const left = axes.map(([own, model]) => rows.map((i) => own[i]! - model(means[i]!)))
  const after = left.map((residuals) => location(residuals, sigma))
  const inside = left.flatMap((residuals) => residuals.filter((r, k) => Math.abs(r) < sigma[k]!))
  return {
    before: [before[0]!.mean, before[1]!.mean],
    after: [after[0]!.mean, after[1]!.mean],
    noise: after[0]!.error,
    within: inside.length / (2 * rows.length),
  }
}

/** Tukey's bi-weight location, from the median. */
function location(values: readonly number[], sigma: readonly number[]): { mean: number; error: number } {
  let middle = median(values)
  let weights = 0
  for (let round = 0; round < 10; round++) {
    const weight = values.map((v, k) => tukeyWeight((v - middle) / sigma[k]!, 4.685) / sigma[k]! ** 2)
    weights = weight.reduce((a, b) => a + b, 0)
    middle = values.reduce((sum, v, k) => sum + weight[k]! * v, 0) / weights
  }
  return { mean: middle, error: 1 / Math.sqrt(weights) }
}

type Motions = 'own' | 'mean' | 'none'

/**
 * The same plate with the same stars three times; what differs is where the motions come from. A file's motions are taken
 * for the stars' own, so that mean ones mislead the epoch check here; the embedded Tycho-2 marks them and has no check.
 */
async function plateTable(): Promise<string> {
  mkdirSync(values.out, { recursive: true })
  const solved: Record<string, Solved> = {}
  for (const motions of ['own', 'mean', 'none'] as const) {
    const catalogue = join(values.out, `${motions}.csv`)
    writeFileSync(catalogue, csvOf(stars, motions))
    solved[motions] = await reducePlate(catalogue, motions)
  }
  const own = solved.own!
  const rows = [
    '| motions | model | pairs | rms RA, Dec | centre against that with own motions: RA, Dec | epoch by the motions |',
    '| --- | --- | --- | --- | --- | --- |',
  ]
  for (const [name, { centre, fit, model, epoch_check: epoch }] of Object.entries(solved)) {
    const ra = (centre.ra - own.centre.ra) * Math.cos(centre.dec * DEG) * 3600
    const dec = (centre.dec - own.centre.dec) * 3600
    rows.push(
      `| ${name} | ${model.name} | ${fit.pairs} | ${fit.rms_ra_arcsec!.toFixed(3)}″, ${fit.rms_dec_arcsec!.toFixed(3)}″ | ${ra.toFixed(3)}″, ${dec.toFixed(3)}″ | ${epoch === null ? '' : `${epoch.epoch_yr.toFixed(1)} ± ${epoch.error_yr.toFixed(1)}`} |`,
    )
  }
  const head = `${basename(PLATE)}, mid-exposure ${own.epochYr.toFixed(1)}, the stars of V < 10.5 as its reference stars:\n`
  return [head, ...rows].join('\n')
}

interface Solved {
  epochYr: number
  model: { name: string }
  epoch_check: { epoch_yr: number; error_yr: number } | null
  centre: { ra: number; dec: number }
  fit: Record<string, number>
}

async function reducePlate(catalogue: string, motions: Motions): Promise<Solved> {
  const out = join(values.out, motions)
  const args = ['reduce', PLATE, '--catalog', catalogue, '-o', out, '--id', 'plate', '--force', '--offline']
  await execa(process.execPath, [resolve(values.platepipe), ...args], { stdin: 'ignore', reject: false })
  const { plate, exposures } = JSON.parse(readFileSync(join(out, 'plate', 'solution.json'), 'utf8'))
  if (exposures.length === 0) throw new Error(`${PLATE} was not solved: see ${out}/plate/report.html`)
  return { epochYr: plate.epoch_yr, ...exposures[0] }
}

/** A catalogue with Gaia's columns, around the plate. */
function csvOf({ raDeg, decDeg, pmRaMasYr, pmDecMasYr, vMag }: MovingStars, motions: Motions): string {
  const lines = [
    'source_id,ref_epoch,ra,dec,ra_error,dec_error,pmra,pmdec,pmra_error,pmdec_error,phot_g_mean_mag',
  ]
  for (let i = 0; i < raDeg.length; i++) {
    if (separationDeg(raDeg[i]!, decDeg[i]!, ...PLATE_CENTRE) > PLATE_RADIUS_DEG) continue
    const model = means[i]!
    const pm =
      motions === 'own'
        ? [pmRaMasYr[i]!, pmDecMasYr[i]!, 2.5]
        : [model.pmRaMasYr, model.pmDecMasYr, model.scatterMasYr]
    const [east, north] = motions === 'none' ? [0, 0] : pm
    const cells = [east, north, pm[2], pm[2]].map((value) => value!.toFixed(3))
    lines.push(`${i + 1},2000,${raDeg[i]},${decDeg[i]},30,30,${cells.join()},${vMag[i]!.toFixed(2)}`)
  }
  return `${lines.join('\n')}\n`
}
