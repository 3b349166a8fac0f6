// Simulated plates with several exposures through the command, judged by their truth: flagged with a hint, then every exposure
// solved, with places, dates and files of its own.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFitsTable } from '../../src/fits/table.ts'
import { median } from '../../src/math/robust.ts'
import { separationDeg } from '../../src/math/sphere.ts'
import type { SimulateOptions } from '../../src/simulate/options.ts'
import { type SimulateResult, simulate } from '../../src/simulate/simulate.ts'
import type { Solution } from '../../src/solution.ts'
import { platepipe } from '../support/cli.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'platepipe-exposures-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function plate(options: Partial<SimulateOptions>): Promise<SimulateResult> {
  const common = { stars: 'synthetic', width: 900, field: 1.2, density: 40, polarity: 'positive' as const }
  return simulate({ ...common, ...options }, { outDir: folder })
}

async function reduce(made: SimulateResult, options: readonly string[]) {
  const out = join(folder, `out-${made.name}`)
  const run = await platepipe(
    ['reduce', made.scan, '--catalog', made.reference, '-o', out, '--solve-time', '60', ...options],
    { timeoutSeconds: 280 },
  )
  const results = join(out, made.name)
  const solution = JSON.parse(readFileSync(join(results, 'solution.json'), 'utf8')) as Solution
  return { ...run, results, solution }
}

async function columnsOf(path: string) {
  const table = await readFitsTable(path)
  return (name: string) => table.columns.find((column) => column.name === name)!.data as ArrayLike<number>
}

interface Judged {
  /** The true exposure that most of its stars belong to. */
  exposure: number
  pairs: number
  /** Share of them with the right star of that exposure within 2 px. */
  right: number
  /** Median distance from the truth on the sky, px. */
  medianPx: number
}

/** Each published exposure against the truth: by the star's id and the place of its image. */
async function judged(made: SimulateResult, results: string, solution: Solution): Promise<Judged[]> {
  const truth = await columnsOf(made.truth)
  const catalogue = await columnsOf(join(results, 'catalogue.fits'))
  const [id, x, y, exposure] = ['source_id', 'x', 'y', 'exposure'].map(truth) as ArrayLike<number>[]
  const byStar = new Map<string, number[]>()
  for (let i = 0; i < id!.length; i++) {
    const key = String(id![i])
    byStar.set(key, [...(byStar.get(key) ?? []), i])
  }
  return solution.exposures.map(({ index, scale_arcsec_px }) => {
    const rows = Array.from({ length: catalogue('x').length }, (_, i) => i).filter(
      (i) => catalogue('exposure')[i] === index && Number(catalogue('source_id')[i]) !== 0,
    )
    const found = rows.flatMap((i) => {
      const own = byStar.get(String(catalogue('source_id')[i])) ?? []
      const at = own.find((k) => Math.hypot(x![k]! - catalogue('x')[i]!, y![k]! - catalogue('y')[i]!) < 2)
      return at === undefined ? [] : [{ row: i, at, exposure: exposure![at]! }]
    })
    const names = found.map((f) => f.exposure)
    const votes = [...new Set(names)].sort(
      (a, b) => names.filter((n) => n === b).length - names.filter((n) => n === a).length,
    )
    const own = found.filter((f) => f.exposure === votes[0])
    const off = own.map(({ row, at }) => {
      const apart = separationDeg(
        ...([catalogue('ra')[row]!, catalogue('dec')[row]!, truth('ra')[at]!, truth('dec')[at]!] as const),
      )
      return (apart * 3600) / scale_arcsec_px
    })
    return { exposure: votes[0]!, pairs: rows.length, right: own.length / rows.length, medianPx: median(off) }
  })
}

const all = (count: number) => Array.from({ length: count }, (_, k) => k)

describe('a plate with three exposures', () => {
  let made: SimulateResult
  beforeAll(async () => {
    made = await plate({
      seed: 501,
      name: 'three',
      kind: 'multi',
      offsets: '0,0 620,-240 1300,300',
      magStep: 0.4,
      damage: 2,
    })
  })

  it('is flagged with its pattern, and with the command to go on with', async () => {
    const { status, stdout, solution, results } = await reduce(made, ['--method', '2'])
    expect(status).toBe(3)
    expect(solution.class).toBe('multi')
    expect(solution.exposures).toEqual([])
    const found = solution.reasons.find(({ code }) => code === 'MULTI_EXPOSURE')!
    expect(found.evidence.exposures).toHaveLength(3)
    expect(stdout).toContain('--exposures auto')
    expect(existsSync(join(results, 'detections.fits'))).toBe(true)
    expect(existsSync(join(results, 'catalogue.fits'))).toBe(false)
  })

  it('has every exposure solved when asked to, each with its own rows and files', async () => {
    const { status, solution, results } = await reduce(made, ['--exposures', 'auto'])
    expect(solution.status, JSON.stringify(solution.reasons)).toBe('reduced')
    expect(status).toBe(0)
    expect(solution.exposures).toHaveLength(3)
    const found = await judged(made, results, solution)
    expect(found.map(({ exposure }) => exposure).sort()).toEqual(all(3))
    for (const { right, medianPx, pairs } of found) {
      expect(pairs).toBeGreaterThan(30)
      expect(right).toBeGreaterThan(0.95)
      expect(medianPx).toBeLessThan(0.3)
    }
    for (const n of all(3)) {
      expect(existsSync(join(results, `wcs-${n}.fits`))).toBe(true)
      expect(existsSync(join(results, `scamp-${n}.head`))).toBe(true)
    }
    // No image is published twice.
    const catalogue = await columnsOf(join(results, 'catalogue.fits'))
    expect(new Set(Array.from(catalogue('det_id'))).size).toBe(catalogue('det_id').length)
    expect(catalogue('det_id').length).toBe(solution.counts.detections)
    // 620 and −240 µm are 31 and −12 px; y of the plate is y of the scan.
    const [, second] = solution.exposures
    expect(second!.offset_px![0]).toBeCloseTo(31, 0)
    expect(Math.abs(second!.offset_px![1])).toBeCloseTo(12, 0)
  })
})

describe('exposures decades apart', () => {
  it('get the dates of the logbook that their stars ask for', async () => {
    const made = await plate({
      ...{ seed: 502, name: 'decades', kind: 'multi', offsets: '0,0 -700,500', magStep: -0.5 },
      ...{ epoch: 1910, epochStep: 45, field: 2.5, density: 60, header: 'full' },
    })
    const { solution, results } = await reduce(made, ['--exposures', 'auto'])
    expect(solution.exposures).toHaveLength(2)
    const found = await judged(made, results, solution)
    solution.exposures.forEach(({ epoch_yr }, n) => {
      expect(epoch_yr).toBeCloseTo(1910 + 45 * found[n]!.exposure, 0)
    })
  })
})

describe('two fields on one plate', () => {
  it('are called back, and peeled when asked to', async () => {
    const made = await plate({
      ...{ seed: 503, name: 'fields', kind: 'multi', ra: 40, dec: 20, pointings: '75,35' },
      ...{ numexp: 1, method: 1, exposureDates: 'first', damage: 0 },
    })
    const flagged = await reduce(made, [])
    expect(flagged.status).toBe(3)
    expect(flagged.solution.class).toBe('multi')
    expect(flagged.solution.reasons.map(({ code }) => code)).toContain('BRIGHT_UNMATCHED')

    const peeled = await reduce(made, ['--exposures', 'auto'])
    expect(peeled.solution.exposures).toHaveLength(2)
    const found = await judged(made, peeled.results, peeled.solution)
    expect(found.map(({ exposure }) => exposure).sort()).toEqual([0, 1])
    for (const { right, medianPx } of found) {
      expect(right).toBeGreaterThan(0.95)
      expect(medianPx).toBeLessThan(0.3)
    }
    expect(peeled.status).toBe(0)
  })
})
