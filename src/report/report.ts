// report.html: one self-contained page with the numbers and the figures, readable without a network and without scripts.
import { join } from 'node:path'
import type { Detections } from '../detections.ts'
import type { Solution } from '../solution.ts'
import type { FilterResult } from '../stages/filter.ts'
import type { CatalogueInput } from '../stages/publish/catalogue-columns.ts'
import type { TriageResult } from '../stages/triage.ts'
import { closeUp } from './close-up.ts'
import { page, type ResidualFigures } from './page.ts'
import { preview } from './preview.ts'
import { previewImage } from './preview-image.ts'
import { repeatsSection } from './repeats.ts'
import { arrowMap, meanMap } from './residual-map.ts'
import { magnitudeTrend, radiusTrend } from './residual-trends.ts'
import { residualsOf } from './residuals.ts'
import { shownExposures } from './shown-exposures.ts'

export interface ReportInput {
  solution: Solution
  detections: Detections
  filtered: FilterResult
  triaged: Pick<TriageResult, 'several'>
  /** Per solved exposure. */
  exposures: readonly CatalogueInput[]
  /** Holds the positive scan, positive.fits. */
  workDir: string
}

/** The page as text, the same bytes for the same input. @throws what reading positive.fits throws */
export async function renderReport(input: ReportInput): Promise<string> {
  const { solution, detections, filtered, exposures } = input
  const { several } = input.triaged
  const { plate } = solution
  const image = await previewImage(join(input.workDir, 'positive.fits'))
  const residuals = exposures.map((exposure, n): ResidualFigures => {
    const found = residualsOf(exposure, detections, plate.pixel_um)
    return {
      pairs: found.length,
      unused: found.used.filter((used) => used === 0).length,
      arrows: arrowMap(found, plate, `residuals-${n}`),
      means: meanMap(found, plate, `means-${n}`),
      magnitude: magnitudeTrend(found, `magnitudes-${n}`),
      radius: radiusTrend(found, plate, `radii-${n}`),
    }
  })
  const shown = shownExposures(solution, exposures, several?.pattern ?? null)
  const drawn = preview({
    image,
    detections,
    reject: filtered.reject,
    matched: new Set(exposures.flatMap((exposure) => [...exposure.pairs.detection])),
    exposures: shown,
    constants: exposures[0]?.constants ?? null,
  })
  const pattern = shown.length > 0 ? (several?.pattern ?? null) : null
  const star =
    pattern === null
      ? undefined
      : await closeUp(join(input.workDir, 'positive.fits'), pattern, detections, shown)
  const repeats = repeatsSection({ solution, several, exposures: shown, closeUp: star })
  return page({ solution, reject: filtered.reject, preview: drawn, residuals, repeats, shown })
}
