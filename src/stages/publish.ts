// Stage 9, everything → the files of the contract (docs/outputs.md).
import { join } from 'node:path'
import type { Detections } from '../detections.ts'
import { writeWhole } from '../fits/io.ts'
import { type Sip, starOf, type Tpv } from '../models/wcs-polynomials.ts'
import type { Solution } from '../solution.ts'
import type { FilterResult } from './filter.ts'
import { type CatalogueInput, catalogueColumns } from './publish/catalogue-columns.ts'
import { writeCatalogueFiles, writeDetections } from './publish/catalogue-files.ts'
import { catalogueMeta, detectionsMeta } from './publish/catalogue-meta.ts'
import { detectionColumns } from './publish/detection-columns.ts'
import { writeWcsFiles } from './publish/wcs-files.ts'

export interface PublishInput {
  outDir: string
  solution: Solution
  detections: Detections
  filtered: FilterResult
  /** Per solved exposure. */
  exposures: (CatalogueInput & { sip: Sip; tpv: Tpv })[]
  report: string
}

/** Writes every file but run.json into outDir. */
export async function publish(input: PublishInput): Promise<void> {
  const { outDir, solution, detections, filtered, exposures } = input
  await writeDetections(
    join(outDir, 'detections.fits'),
    detectionColumns(detections, filtered),
    detectionsMeta(solution),
  )
  for (const [n, exposure] of exposures.entries()) {
    await writeWcsFiles({
      outDir,
      suffix: exposures.length === 1 ? '' : `-${n}`,
      sip: exposure.sip,
      tpv: exposure.tpv,
      width: solution.plate.width,
      height: solution.plate.height,
      epochYr: exposure.epochYr,
      plateId: solution.plate.id,
      referenceStar: starOf(exposure.constants),
    })
  }
  if (exposures.length > 0) {
    const columns = catalogueColumns(detections, filtered, exposures)
    await writeCatalogueFiles(outDir, columns, catalogueMeta(solution))
  }
  await writeWhole(join(outDir, 'report.html'), input.report)
  await writeWhole(join(outDir, 'solution.json'), `${JSON.stringify(solution, null, 2)}\n`)
}
