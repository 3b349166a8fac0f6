// A plate's journey, in reading order. Read this first.
import { basename } from 'node:path'
import { exposureSolution } from './assemble.ts'
import { openReference } from './catalog/reference.ts'
import { solutionOf } from './conclude.ts'
import type { Config } from './config.ts'
import { rowsOf, solveExposures } from './exposures.ts'
import { openScan } from './formats/scan.ts'
import { tileCorrelations } from './image-tiles.ts'
import { toSip, toTpv } from './models/wcs-polynomials.ts'
import { type Plate, plateIdOf } from './plate.ts'
import type { Progress } from './progress.ts'
import { renderReport } from './report/report.ts'
import { makeWorkFolder, openResultFolder, removeWorkFolder } from './result-folder.ts'
import { writeRunRecord } from './run-record.ts'
import type { Solution } from './solution.ts'
import { extract } from './stages/extract.ts'
import { filter } from './stages/filter.ts'
import { ingest } from './stages/ingest.ts'
import { photometry } from './stages/photometry.ts'
import { publish } from './stages/publish.ts'
import { type Logbook, triage } from './stages/triage.ts'

export interface ReduceInput {
  scanPath: string
  outDir: string
  config: Config
  signal: AbortSignal
  progress: Progress
  version: string
}

export interface ReduceOutcome {
  status: Solution['status']
  /** OUT/<plate> */
  outDir: string
  solution: Solution
}

/** Reduces one scan. Rejects with UserError, or Cancelled when the signal fires; anything else is a bug. */
export async function reduce(input: ReduceInput): Promise<ReduceOutcome> {
  const { scanPath, config, signal, progress } = input
  const { stage, timings } = timed(progress)
  const result = await openResultFolder(input.outDir, plateIdOf(scanPath, config.id), config.force)
  const workDir = await makeWorkFolder(config.tmpDir, config.keepWork).catch(result.abandon)
  try {
    const reference = await openReference(config, {
      ...{ workDir, signal, version: input.version },
      onStep: (text) => progress.step(text),
    })

    stage('ingest', scanPath)
    const scan = await openScan(scanPath, { hdu: config.hdu, funpack: config.funpack, workDir, signal })
    const ingesting = ingest(scan, { ...ingestOptions(config), scanPath, workDir, signal })
    const ingested = await ingesting.finally(scan.close)
    const { plate, area, statistics, thumbnail } = ingested

    stage('extract')
    const { width, height } = plate
    const positiveName = basename(ingested.positivePath)
    const weightName = basename(ingested.weightPath)
    const extracted = await extract(
      { positiveName, weightName, width, height, statistics, workDir, signal },
      config,
    )
    const { detections, fwhmPx } = extracted

    stage('filter')
    const filtered = filter({ detections, width, height, fwhmPx, area })

    stage('triage')
    const { ranked, reject } = filtered
    const logbook = logbookOf(plate, config.method)
    const pixelUm = plate.pixelUm === null ? null : Math.min(...plate.pixelUm.value)
    const scaleArcsecPerPx = plate.scaleArcsecPerPx?.value ?? null
    const correlations = await tileCorrelations(ingested.positivePath, area, signal)
    const triaged = triage({
      ...{ detections, ranked, reject, width, height, fwhmPx, pixelUm, scaleArcsecPerPx, logbook },
      sky: { thumbnail, area, statistics },
      correlations,
    })

    // A plate that is not one simple exposure is left to a person, or each of its exposures is solved when asked for.
    stage('solve')
    const exposureInput = { plate, detections, filtered, fwhmPx, reference, workDir, signal, progress }
    const { saturationMeasured, saturationLevel } = statistics
    const images = {
      ...{ positiveName, weightName, area },
      saturationLevel: saturationMeasured ? saturationLevel : undefined,
    }
    const outcome = await solveExposures(exposureInput, triaged, images, config)
    const solved = outcome?.exposures ?? []
    const measured = outcome?.measured ?? { detections, filtered }

    stage('publish')
    const published = solved.map((exposure) => {
      const { constants, pairs, fit, centring, magnitudes, mag } = exposure.refined
      return {
        constants,
        pairs,
        centring,
        mag,
        weight: fit.fit.weight,
        stars: exposure.stars,
        epochYr: exposure.epochYr,
        rows: rowsOf(exposure, outcome!, measured.detections.length),
        photometry: photometry(exposure.refined.detections, magnitudes),
        sip: toSip(constants, width, height),
        tpv: toTpv(constants, width, height),
      }
    })
    const [deepest] = solved
    const exposures = solved.map((exposure, n) =>
      exposureSolution(
        n,
        exposure,
        deepest!,
        measured.detections,
        plate.pixelUm?.value ?? null,
        published[n]!,
      ),
    )
    const found = { plate, area, statistics, ...measured, triaged, outcome, reference, extracted }
    const auto = config.exposures === 'auto'
    const solution = solutionOf({ ...found, ingestReasons: ingested.reasons, exposures, logbook, auto })
    const report = await renderReport({ ...found, solution, exposures: published, workDir })
    await publish({ outDir: result.staging, solution, ...measured, exposures: published, report })
    const runs = [...extracted.runs, ...(outcome?.solving.runs ?? [])]
    const record = { runs, timings: timings(), reference: reference.record() }
    await writeRunRecord({ ...input, outDir: result.staging, ...record })
    await result.promote()
    return { status: solution.status, outDir: result.final, solution }
  } finally {
    await result.discard()
    await removeWorkFolder(workDir)
    if (config.keepWork) progress.warn(`work files kept in ${workDir}`)
  }
}

/** Tells the progress of each stage, and keeps how long each took. */
function timed(progress: Progress) {
  const begun: { stage: string; at: number }[] = []
  return {
    stage: (name: string, text?: string): void => {
      begun.push({ stage: name, at: performance.now() })
      progress.stage(name, text)
    },
    timings: () =>
      begun.map(({ stage, at }, n) => ({
        stage,
        seconds: ((begun[n + 1]?.at ?? performance.now()) - at) / 1000,
      })),
  }
}

/** What the logbook says of the exposures; a person who has looked at the plate overrules it. */
function logbookOf(plate: Plate, method: number | undefined): Logbook {
  const exposures = plate.exposures?.value ?? null
  if (method === undefined) return { method: plate.method?.value ?? null, exposures, insists: false }
  return { method, exposures: method === 1 ? 1 : exposures, insists: true }
}

function ingestOptions(config: Config) {
  return {
    id: config.id,
    hdu: config.hdu,
    raDeg: config.ra,
    decDeg: config.dec,
    radiusDeg: config.radius,
    epochYr: config.epoch,
    scaleArcsecPerPx: config.scale,
    pixelUm: config.pixelUm,
    polarity: config.polarity,
  }
}
