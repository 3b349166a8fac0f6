// The picture of the README, from the sample plate of bin/demo: npm run script -- scripts/picture.ts
// Left: the plate as scanned; matched stars in rings, rejected detections in red. Right: the residual of each star of
// the fit as an arrow that is drawn many times too long.
import { writeFileSync } from 'node:fs'
import { PNG } from 'pngjs'
import { type ImageSource, openFitsImage } from '../src/fits/image.ts'
import { readFitsTable } from '../src/fits/table.ts'
import { quantile } from '../src/math/robust.ts'

const PANEL_PX = 560
const GAP_PX = 12
const ARROW_PX_PER_ARCSEC = 22
const GREYS = 16 // few levels keep the file small: grain does not compress
type Colour = readonly [number, number, number]
const MATCHED: Colour = [0, 90, 180]
const REJECTED: Colour = [200, 40, 30]
const ARROW: Colour = [30, 30, 30]

const picture = new PNG({ width: 2 * PANEL_PX + GAP_PX, height: PANEL_PX })
picture.data.fill(255)

function dot(x: number, y: number, [r, g, b]: Colour): void {
  const [column, row] = [Math.round(x), Math.round(y)]
  if (column < 0 || row < 0 || column >= picture.width || row >= picture.height) return
  picture.data.set([r, g, b, 255], 4 * (row * picture.width + column))
}

function line(x0: number, y0: number, x1: number, y1: number, colour: Colour): void {
  const steps = Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0))) * 2 + 1
  for (let i = 0; i <= steps; i++) dot(x0 + ((x1 - x0) * i) / steps, y0 + ((y1 - y0) * i) / steps, colour)
}

function ring(x: number, y: number, radius: number, colour: Colour): void {
  for (let angle = 0; angle < 2 * Math.PI; angle += 0.3 / radius) {
    dot(x + radius * Math.cos(angle), y + radius * Math.sin(angle), colour)
  }
}

/** Means of as many pixels of the scan as fall on one of the picture; the first row stored is drawn at the bottom. */
async function thumbnail(scan: ImageSource): Promise<Float64Array> {
  const sums = new Float64Array(PANEL_PX * PANEL_PX)
  const counts = new Float64Array(PANEL_PX * PANEL_PX)
  for (let y = 0; y < scan.height; y++) {
    const values = await scan.readRows(y, 1)
    const row = PANEL_PX - 1 - Math.floor((y * PANEL_PX) / scan.height)
    for (let x = 0; x < scan.width; x++) {
      const at = row * PANEL_PX + Math.floor((x * PANEL_PX) / scan.width)
      sums[at]! += values[x]!
      counts[at]! += 1
    }
  }
  return sums.map((sum, at) => sum / counts[at]!)
}

async function columns(path: string, names: string[]): Promise<Float64Array[]> {
  const table = await readFitsTable(path, { columns: names })
  return names.map((name) =>
    Float64Array.from(table.columns.find((column) => column.name === name)!.data, Number),
  )
}

const scan = await openFitsImage('demo/sample.fits', {})
const { width, height } = scan
const grey = await thumbnail(scan)
await scan.close()
const [dark, light] = [quantile(grey, 0.005), quantile(grey, 0.995)]
grey.forEach((value, at) => {
  const level = Math.min(Math.max((value - dark) / (light - dark), 0), 1)
  const shade = Math.round((Math.round(level * GREYS) * 255) / GREYS)
  dot(at % PANEL_PX, Math.floor(at / PANEL_PX), [shade, shade, shade])
})

const left = (x: number) => ((x - 0.5) * PANEL_PX) / width
const down = (y: number) => PANEL_PX - ((y - 0.5) * PANEL_PX) / height

const [rejectX, rejectY, reject] = await columns('demo/results/sample/detections.fits', ['x', 'y', 'reject'])
reject!.forEach((bits, i) => {
  if (bits === 0) return
  const [x, y] = [left(rejectX![i]!), down(rejectY![i]!)]
  line(x - 3, y - 3, x + 3, y + 3, REJECTED)
  line(x - 3, y + 3, x + 3, y - 3, REJECTED)
})

const names = ['x', 'y', 'used', 'resid_ra', 'resid_dec']
const [starX, starY, used, residRa, residDec] = await columns('demo/results/sample/catalogue.fits', names)
const offset = PANEL_PX + GAP_PX
used!.forEach((flag, i) => {
  if (flag !== 1) return
  const [x, y] = [left(starX![i]!), down(starY![i]!)]
  ring(x, y, 4, MATCHED)
  // North is up and east is left on the sample plate, to within its small rotation.
  const [dx, dy] = [-residRa![i]! * ARROW_PX_PER_ARCSEC, -residDec![i]! * ARROW_PX_PER_ARCSEC]
  line(offset + x, y, offset + x + dx, y + dy, ARROW)
  ring(offset + x, y, 1.5, MATCHED)
})
for (const x of [offset, picture.width - 1]) line(x, 0, x, PANEL_PX - 1, ARROW)
for (const y of [0, PANEL_PX - 1]) line(offset, y, picture.width - 1, y, ARROW)

writeFileSync('docs/sample-plate.png', PNG.sync.write(picture, { colorType: 2 }))
