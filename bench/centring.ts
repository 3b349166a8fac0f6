// npm run bench -- centring [plate…] [--platepipe PATH] [--seed N] [--out DIR] [--shared DIR] [--result FILE]
// The places of star images, by kind of place (isophotal, windowed, PSFEx's PSF, what platepipe uses), magnitude and kind of
// image: M67 against Gaia, simulated plates against the truth. Prints the tables; with --result, or all plates and the
// repository's own command, writes them to bench/results/centring.md. Exits 1 where platepipe's places are not the best.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { atMost, type Bench, type Figure } from './acceptance/bench.ts'
import { asMarkdown, asText, provenance } from './acceptance/table.ts'
import { type Compared, compare, KINDS, type Recipe, type Spread } from './centring/plate.ts'

const RESULT = 'bench/results/centring.md'
const FRESH_SEED = 60_000
const M67_ARCSEC = 0.105

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    platepipe: { type: 'string', default: 'bin/platepipe' },
    seed: { type: 'string', default: String(FRESH_SEED) },
    out: { type: 'string', default: '.cache/centring' },
    shared: { type: 'string', default: '../shared' },
    result: { type: 'string' },
  },
})
const recipes = (JSON.parse(readFileSync('bench/centring/recipes.json', 'utf8')) as { plates: Recipe[] })
  .plates
const known = ['m67', ...recipes.map(({ name }) => name)]
const names = positionals.length === 0 ? known : positionals
const unknown = names.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`there is no plate ${unknown.join(', ')}; there are: ${known.join(', ')}`)
  process.exit(2)
}
const bench: Bench = {
  platepipe: resolve(values.platepipe),
  shared: resolve(values.shared),
  out: resolve(values.out),
  seedBases: [Number(values.seed)],
  only: '',
}
mkdirSync(bench.out, { recursive: true })

const HOW = `Errors of places per axis: rms of all images of a group, none clipped, and (1.4826 times the median of the absolute
values). On simulated plates in pixels from where the emulsion put the image (the jitter counts as its place, the grain does not);
on M67 in arcsec from Gaia's stars of G < 18.5 without a neighbour within 6″ (one that is less than 3 mag fainter), through a cubic
fitted to the stars of other blocks. Which detection is which star is the same for all kinds of places. “windowed” is what platepipe
took before it fitted profiles: SExtractor's windowed place, or the isophotal one where that diverged; “psf” is PSFEx (quadratic over
the plate) with SExtractor's PSF fit, or windowed where that wandered off; “profile” is the share of platepipe's places that come
from a profile fit. Kinds of images by SExtractor's FLAGS; on simulated plates also by the truth.`

function section({ name, judged, psf, extractSeconds, sextractorSeconds }: Compared): string {
  const { scale, groups, pull, worst } = judged
  const unit = scale ?? 1
  const cell = (spread: Spread | null | undefined) =>
    spread ? `${(spread.rms * unit).toFixed(3)} (${(spread.robust * unit).toFixed(3)})` : '–'
  const rows = Object.entries(groups)
    .filter(([, { n }]) => n > 4)
    .map(([label, group]) => {
      const share = group.profile === null ? '–' : `${Math.round(100 * group.profile)} %`
      return `| ${[label, group.n, ...KINDS.map((kind) => cell(group[kind])), share].join(' | ')} |`
    })
  const time = `Finding and measuring took ${extractSeconds.toFixed(1)} s by the clock, of it SExtractor ${sextractorSeconds.toFixed(1)} s.`
  const psfTime =
    psf.seconds === null
      ? `No PSF: ${psf.why}.`
      : `PSF fits took ${psf.seconds.toFixed(1)} s of CPU where one run of SExtractor took ${psf.sextractor?.toFixed(1)} s.`
  const pulls =
    pull === null
      ? ''
      : `Error over the formal error of profile fits: rms ${pull.rms.toFixed(2)}, robust ${pull.robust.toFixed(2)}.`
  const list = worst.map(({ source_id, g, x, y, off, windowed, flags }) => {
    const arcsec = (v: [number, number]) => v.map((part) => (part * unit).toFixed(2)).join(', ')
    return `| ${source_id} | ${g.toFixed(2)} | ${x.toFixed(0)}, ${y.toFixed(0)} | ${arcsec(off)} | ${arcsec(windowed)} | ${flags} |`
  })
  const farthest = [
    'The twelve images of G < 16 that are farthest off:',
    [
      '| source_id | G | x, y | platepipe off, ″ | windowed off, ″ | FLAGS |',
      '| --- | --- | --- | --- | --- | --- |',
      ...list,
    ].join('\n'),
  ]
  return [
    `## ${name}, ${scale === null ? 'px' : 'arcsec'}`,
    [
      `| images | n | ${KINDS.join(' | ')} | profile |`,
      `| --- | --- | ${KINDS.map(() => '---').join(' | ')} | --- |`,
      ...rows,
    ].join('\n'),
    [pulls, time, psfTime].join(' '),
    ...(worst.length > 0 ? farthest : []),
  ].join('\n\n')
}

function figuresOf({ name, judged }: Compared): Figure[] {
  const all = judged.groups.all!
  const rival = Math.min(
    ...KINDS.filter((kind) => kind !== 'platepipe').map((kind) => all[kind]?.rms ?? Infinity),
  )
  const figures = [
    atMost(name, 'rms of all images, of the best other kind of place', 1, all.platepipe!.rms / rival),
  ]
  const bright = judged.groups['G < 16']?.platepipe
  if (bright && judged.scale !== null)
    figures.push(atMost(name, 'G < 16 alone within 6″, per axis', M67_ARCSEC, bright.rms * judged.scale, '″'))
  return figures
}

const begun = provenance(['npm run bench -- centring', ...process.argv.slice(2)].join(' '))
const result = values.result ?? (positionals.length === 0 ? RESULT : undefined)
const compared: Compared[] = []
const figures: Figure[] = []
for (const name of names) {
  const n = recipes.findIndex((recipe) => recipe.name === name)
  const found = await compare(bench, recipes[n] ?? null, Number(values.seed) + n + 1)
  compared.push(found)
  figures.push(...figuresOf(found))
  console.log(section(found))
}
console.log(asText(figures))
if (result !== undefined) {
  const page = ['# Places of star images', begun, HOW, asMarkdown(figures), ...compared.map(section)]
  writeFileSync(result, `${page.join('\n\n')}\n`)
}
process.exit(figures.some(({ pass }) => pass === false) ? 1 : 0)
