// Stage 9, everything → the files of the contract (docs/outputs.md).
import { join } from 'node:path'
import type { Detections } from '../detections.ts'
import { writeWhole } from '../fits/io.ts'
import { type Sip, starOf, type Tpv } from '../models/wcs-polynomials.ts'
import { REJECT_BITS } from '../reject.ts'
import type { Solution } from '../solution.ts'
import type { FilterResult } from './filter.ts'
import { type CatalogueInput, catalogueColumns } from './publish/catalogue-columns.ts'
import { writeCatalogueFiles, writeDetections } from './publish/catalogue-files.ts'
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
  const meta = {
    plateId: solution.plate.id,
    epochYr: solution.plate.epoch_yr,
    rejectBits: REJECT_BITS.map(({ bit, name, text }) => ({ bit, name, text })),
  }
  await writeDetections(join(outDir, 'detections.fits'), detectionColumns(detections, filtered), {
    ...meta,
    header: [],
    description: 'Every detection on the plate',
  })
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
    const reference = solution.exposures[0]!.reference
    await writeCatalogueFiles(outDir, catalogueColumns(detections, filtered, exposures), {
      ...meta,
      header: [
        ['REFCAT', reference.name, 'reference catalogue'],
        ['REFEPOCH', reference.epoch_yr, 'its epoch, Julian year'],
        ['MODEL', solution.exposures[0]!.model.name, 'plate model'],
      ],
      description: `Stars of plate ${solution.plate.id}, ICRS at the epoch of the plate`,
    })
  }
  await writeWhole(join(outDir, 'report.html'), input.report)
  await writeWhole(join(outDir, 'solution.json'), `${JSON.stringify(solution, null, 2)}\n`)
}
