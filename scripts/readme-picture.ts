// The picture of the README, docs/sample-plate.png: the two figures of the report on the sample plate, side by side.
//   npm run script -- scripts/readme-picture.ts
// Makes and reduces the plate of fixtures/sample.json, which takes half a minute. Besides what platepipe needs, this
// needs rsvg-convert (Debian: librsvg2-bin).
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { parseConfig } from '../src/config.ts'
import { reduce } from '../src/pipeline.ts'
import { silentProgress } from '../src/progress.ts'
import { simulate } from '../src/simulate/simulate.ts'

const PICTURE = 'docs/sample-plate.png'
const SIDE = 640 // of each figure
const GAP = 20
/** Grain does not compress: with this many levels of each colour the picture is half as large and looks the same. */
const LEVELS = 24

const folder = mkdtempSync(join(tmpdir(), 'platepipe-picture-'))
const signal = new AbortController().signal

/** The report's figure with this id, as an SVG of its own at a place of the picture. */
function figure(page: string, id: string, x: number, width: number, height: number): string {
  const svg = new RegExp(`<svg id="${id}"[\\s\\S]*?</svg>`).exec(page)?.[0]
  if (svg === undefined) throw new Error(`the report has no figure ${id}`)
  return svg
    .replace(/ (width|height)="[\d.]+"(?=[^>]* role=)/g, '')
    .replace('<svg ', `<svg x="${x}" y="0" width="${width}" height="${height}" `)
}

try {
  const recipe = JSON.parse(readFileSync('fixtures/sample.json', 'utf8'))
  const sample = await simulate({ ...recipe.options, name: 'sample' }, { outDir: folder, signal })
  const config = parseConfig({ catalog: sample.reference })
  const { outDir } = await reduce({
    scanPath: sample.scan,
    outDir: join(folder, 'results'),
    config,
    signal,
    progress: silentProgress,
    version: 'picture',
  })
  const page = readFileSync(join(outDir, 'report.html'), 'utf8')
  const right = SIDE + GAP
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${right + SIDE} ${SIDE}" width="${right + SIDE}" height="${SIDE}">
<rect width="100%" height="100%" fill="#ffffff"/>
${figure(page, 'preview', 0, SIDE, SIDE)}
${figure(page, 'residuals-0', right, SIDE, SIDE)}
</svg>`
  writeFileSync(join(folder, 'picture.svg'), svg)
  execFileSync('rsvg-convert', [
    '--unlimited',
    '-o',
    join(folder, 'picture.png'),
    join(folder, 'picture.svg'),
  ])
  const picture = PNG.sync.read(readFileSync(join(folder, 'picture.png')))
  const step = 255 / (LEVELS - 1)
  picture.data.forEach((value, at) => {
    picture.data[at] = Math.round(Math.round(value / step) * step)
  })
  const bytes = PNG.sync.write(picture, { colorType: 2, deflateLevel: 9, deflateStrategy: 0, filterType: 0 })
  writeFileSync(PICTURE, bytes)
  console.log(`${PICTURE}: ${picture.width} × ${picture.height}, ${Math.round(bytes.length / 1000)} kB`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
