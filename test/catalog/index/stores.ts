// Stores whose indexes solve real and simulated fields, and the stages before `solve` for real plates.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { readReferenceStars } from '../../../src/catalog/read.ts'
import { mocOfCone } from '../../../src/catalog/store/coverage.ts'
import { fillStore } from '../../../src/catalog/store/fill.ts'
import { openStore, type StarStore } from '../../../src/catalog/store/star-store.ts'
import { blankStarTable } from '../../../src/catalog/store/star-table.ts'
import { parseConfig } from '../../../src/config.ts'
import { openScan } from '../../../src/formats/scan.ts'
import { type Cone, cellAt } from '../../../src/math/healpix.ts'
import { extract } from '../../../src/stages/extract.ts'
import { filter } from '../../../src/stages/filter.ts'
import { ingest } from '../../../src/stages/ingest.ts'
import type { SolveInput } from '../../../src/stages/solve.ts'

const SHARED = new URL('../../../../shared/', import.meta.url).pathname
export const M67_CSV = join(SHARED, 'gaia/m67-dr3.csv')
export const M67_PLATE = join(SHARED, 'plates/m67-poss1-e-1951.fits')
export const M67_CONE: Cone = { raDeg: 132.82, decDeg: 11.8, radiusDeg: 0.7 }
export const SKIPPED = 'skipped: ../shared is not there'

const neverAborted = new AbortController().signal

/** A folder of this test alone. */
export async function temporaryFolder(): Promise<{ root: string; remove: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'platepipe-indexes-'))
  return { root, remove: () => rm(root, { recursive: true, force: true }) }
}

/** A store with the stars of a file, all of which lie in the cone. */
export async function storeOfFile(root: string, path: string, cone: Cone): Promise<StarStore> {
  const read = await readReferenceStars(path)
  const stars = blankStarTable(read.length)
  const { columns } = stars
  for (let i = 0; i < read.length; i++) {
    columns.source_id[i] = read.sourceId[i]!
    columns.ra[i] = read.raDeg[i]!
    columns.dec[i] = read.decDeg[i]!
    columns.pmra[i] = read.pmRaMasYr[i]!
    columns.pmdec[i] = read.pmDecMasYr[i]!
    columns.phot_g_mean_mag[i] = read.gMag[i]!
  }
  const folder = join(root, read.name)
  await fillStore({
    folder,
    release: read.name,
    refEpochYr: read.refEpochYr,
    pieces: [{ cell: { order: 0, pixel: cellAt(0, cone.raDeg, cone.decDeg) }, stars }],
    coverage: () => [{ limit_mag: null, moc: mocOfCone(cone), estimated: true }],
    source: () => ({
      ...{ kind: 'import', name: basename(path), detail: 'a file', by: 'test' },
      ...{ first: '2026-01-01T00:00:00Z', last: '2026-01-01T00:00:00Z' },
    }),
  })
  return (await openStore(folder))!
}

/** What `solve` is given of a scan by the stages before it, without any place, scale or header. */
export async function solveInputOf(scanPath: string, workDir: string): Promise<SolveInput> {
  const config = parseConfig()
  const signal = neverAborted
  const scan = await openScan(scanPath, { hdu: undefined, funpack: config.funpack, workDir, signal })
  const told = { polarity: config.polarity, scanPath, workDir, signal }
  const untold = { id: undefined, hdu: undefined, epochYr: undefined, scaleArcsecPerPx: undefined }
  const nowhere = { raDeg: undefined, decDeg: undefined, radiusDeg: undefined, pixelUm: undefined }
  const ingested = await ingest(scan, { ...told, ...untold, ...nowhere }).finally(scan.close)
  const { plate, area, statistics } = ingested
  const { width, height } = plate
  const positiveName = basename(ingested.positivePath)
  const weightName = basename(ingested.weightPath)
  const extracted = await extract(
    { positiveName, weightName, width, height, statistics, workDir, signal },
    config,
  )
  const { detections, fwhmPx } = extracted
  const { ranked } = filter({ detections, width, height, fwhmPx, area })
  const unknown = { place: null, scaleArcsecPerPx: null, headerWcs: null, stars: null }
  return { detections, ranked, width, height, fwhmPx, ...unknown, workDir, signal }
}
