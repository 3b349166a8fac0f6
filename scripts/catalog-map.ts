// The picture docs/catalog-map.svg: the map that platepipe catalog info --svg draws, of a small store of simulated stars.
//   npm run script -- scripts/catalog-map.ts
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mocOfCone } from '../src/catalog/store/coverage.ts'
import { fillStore } from '../src/catalog/store/fill.ts'
import type { Coverage } from '../src/catalog/store/manifest.ts'
import { openStore } from '../src/catalog/store/star-store.ts'
import { blankStarTable, pickRows, type StarTable } from '../src/catalog/store/star-table.ts'
import { surveyStore } from '../src/catalog/survey/survey.ts'
import { type Cell, type Cone, cellAt, cellCentre, cellCount, FINEST_ORDER } from '../src/math/healpix.ts'
import { intersection, type Moc, mocOfCells, union } from '../src/math/moc.ts'
import { DEG, placeOf } from '../src/math/sphere.ts'
import { count } from '../src/report/numbers.ts'
import { skyMap } from '../src/report/sky-map.ts'
import { type Random, randomStream } from '../src/simulate/random.ts'

const PICTURE = 'docs/catalog-map.svg'
const STARS = 20_000
const ORDER = 8 // of the cells of a zone: 0.23°

const cone = (raDeg: number, decDeg: number, radiusDeg: number): Cone => ({ raDeg, decDeg, radiusDeg })

/** A zone of declination, as observatories shared the sky among themselves. */
function zone(fromDeg: number, toDeg: number): Moc {
  const cells: Cell[] = []
  for (let pixel = 0; pixel < cellCount(ORDER); pixel++) {
    const decDeg = placeOf(cellCentre({ order: ORDER, pixel })).dec / DEG
    if (decDeg >= fromDeg && decDeg < toDeg) cells.push({ order: ORDER, pixel })
  }
  return mocOfCells(cells)
}

/** Plates along the ecliptic, 15° apart, as of minor planets. */
const ecliptic = Array.from({ length: 24 }, (_, n) => {
  const longitude = 15 * n * DEG
  const tilt = 23.44 * DEG
  const ra = Math.atan2(Math.sin(longitude) * Math.cos(tilt), Math.cos(longitude)) / DEG
  return cone((ra + 360) % 360, Math.asin(Math.sin(longitude) * Math.sin(tilt)) / DEG, 3.5)
})

const clusters = [
  cone(132.85, 11.81, 1.5),
  cone(56.75, 24.12, 2.5),
  cone(34.75, 57.15, 2),
  cone(270.9, -24.4, 2),
]

const COVERAGE: Coverage[] = [
  { limit_mag: 13, estimated: false, moc: zone(31, 41) },
  { limit_mag: 13, estimated: false, moc: zone(-40, -32) },
  { limit_mag: 16, estimated: true, moc: mocOfCone(cone(80, -69, 9)) },
  { limit_mag: 17, estimated: false, moc: union(...ecliptic.map(mocOfCone)) },
  { limit_mag: null, estimated: false, moc: union(...clusters.map(mocOfCone)) },
]

/** Stars evenly over what is covered. */
function starsOf(random: Random): StarTable {
  const covered = union(...COVERAGE.map(({ moc }) => moc))
  const stars = blankStarTable(STARS)
  for (let n = 0; n < STARS; ) {
    const [raDeg, decDeg] = [random.between(0, 360), Math.asin(random.between(-1, 1)) / DEG]
    const pixel = cellAt(FINEST_ORDER, raDeg, decDeg)
    if (intersection([[pixel, pixel + 1]], covered).length === 0) continue
    stars.columns.source_id[n] = (BigInt(pixel) << 35n) + BigInt(n)
    stars.columns.ra[n] = raDeg
    stars.columns.dec[n] = decDeg
    stars.columns.phot_g_mean_mag[n] = 17 + 2.5 * Math.log10(1 - random.next())
    n++
  }
  return stars
}

/** One piece for each cell of order 0: stars go into the store by cells. */
function piecesOf(stars: StarTable) {
  const { ra, dec } = stars.columns
  return Array.from({ length: cellCount(0) }, (_, pixel) => {
    const rows = [...ra.keys()].filter((row) => cellAt(0, ra[row]!, dec[row]!) === pixel)
    return { cell: { order: 0, pixel }, stars: pickRows(stars, rows) }
  })
}

const folder = await mkdtemp(join(tmpdir(), 'platepipe-map-'))
try {
  await fillStore({
    folder,
    release: 'gaia-dr2',
    refEpochYr: 2015.5,
    pieces: piecesOf(starsOf(randomStream(1, 'catalogue map'))),
    coverage: () => COVERAGE,
    source: () => ({
      kind: 'import',
      name: 'simulated',
      detail: '',
      first: '',
      last: '',
      by: 'scripts/catalog-map.ts',
    }),
  })
  const store = await openStore(folder)
  if (store === null) throw new Error('there is no store')
  const { coverage, rows } = await surveyStore(store)
  const svg = skyMap(coverage, { title: `A store of ${count(rows)} simulated stars` })
  await writeFile(PICTURE, svg)
  console.log(`${PICTURE}: ${Math.round(svg.length / 1000)} kB`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
