// The acceptance rows as tests: the command under test is the build of this test run, results go to a folder that vanishes.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import type { Bench, Figure } from '../../bench/acceptance/bench.ts'
import { asText } from '../../bench/acceptance/table.ts'
import { command } from '../support/cli.ts'

export const SHARED = resolve('../shared')
export const HAS_PLATES = existsSync(join(SHARED, 'plates'))

/** A bench in a folder of its own; `done` removes it. */
export function benchIn(): { bench: Bench; done: () => void } {
  const out = mkdtempSync(join(tmpdir(), 'platepipe-acceptance-'))
  const bench = { platepipe: command(), shared: SHARED, out, seedBases: [3000], only: '' }
  return { bench, done: () => rmSync(out, { recursive: true, force: true }) }
}

/** Prints the figures; fails with those that miss what is required. */
export function expectAllPass(figures: readonly Figure[]): void {
  console.log(asText(figures))
  expect(
    figures.filter((figure) => figure.pass !== null).length,
    'figures with a requirement',
  ).toBeGreaterThan(0)
  expect(figures.filter((figure) => figure.pass === false)).toEqual([])
}
