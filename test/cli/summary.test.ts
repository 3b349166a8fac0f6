// The summary of a plate with several exposures, and the command that goes on from it.
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { nextCommand } from '../../src/cli/next-command.ts'
import { summaryLines } from '../../src/cli/summary.ts'
import { reason } from '../../src/issues.ts'
import type { Solution } from '../../src/solution.ts'
import { reportInput } from '../report/plates.ts'

async function threeExposures(): Promise<Solution> {
  const { solution } = await reportInput()
  const [first] = solution.exposures
  const offsets: [number, number][] = [
    [0, 0],
    [30, -40],
    [-60.04, 0],
  ]
  return {
    ...solution,
    class: 'multi',
    reasons: [reason('MULTI_EXPOSURE', 'three of them')],
    exposures: offsets.map((offset_px, index) => ({
      ...first!,
      ...{ index, offset_px, mag_step: 0.7 * index, epoch_yr: 1951.911 + (index === 2 ? 0.1 : 0) },
    })),
    exposures_together: { members: [0, 2], moved: 'plate', gain_sigmas: [1, -4, 1] },
  }
}

describe('the summary of three exposures', () => {
  it('says how each lies to the deepest, and which were fitted as one', async () => {
    const lines = summaryLines(await threeExposures(), 'out/plate', false)
    expect(lines[0]).toBe('plate: reduced, 3 exposures')
    expect(lines.filter((line) => line.startsWith('  exposure'))).toEqual([
      '  exposure 1 of 3: the deepest, epoch 1951.91',
      '  exposure 2 of 3: shifted by (30.0, -40.0) px = 1.00 mm, 0.70 mag fainter, epoch 1951.91',
      '  exposure 3 of 3: shifted by (-60.0, 0.0) px = 1.20 mm, 1.40 mag fainter, epoch 1952.01',
    ])
    expect(lines).toContain('  together   the distortion of exposures 1 and 3 was fitted as one')
    expect(lines.filter((line) => line.includes('held out')).length).toBe(3)
    expect(lines.join('\n')).toContain('the others to wcs-2.fits')
  })

  it('does not vouch for what a check did not pass', async () => {
    const lines = summaryLines({ ...(await threeExposures()), status: 'manual' }, 'out/plate', false)
    expect(lines[0]).toMatch(/flagged for a person to look at; .* published, but not vouched for/)
  })

  it('asks for nothing that is done', async () => {
    const solution = await threeExposures()
    const reasons = solution.reasons.map((found) => ({ ...found, severity: 'info' as const }))
    const lines = summaryLines({ ...solution, reasons }, 'out/plate', true)
    expect(lines.join('\n')).not.toContain('--exposures auto')
  })
})

describe('the command to go on with', () => {
  const multi = { status: 'manual', class: 'multi' } as const

  it('is the last line, with the scan and the options of this run', async () => {
    const solution: Solution = { ...(await threeExposures()), ...multi, exposures: [] }
    const next = nextCommand(solution, 'plates/a.fits', { catalog: 'gaia.csv', verbose: true })
    const last = summaryLines(solution, 'out/plate', false, next).at(-1)
    expect(last).toBe('    platepipe reduce plates/a.fits --catalog gaia.csv --verbose --exposures auto')
  })

  it('replaces what was said of the exposures before', () => {
    for (const given of [{ exposures: 'flag' }, { method: '1' }]) {
      expect(nextCommand(multi, 'a.fits', given)).toBe('platepipe reduce a.fits --exposures auto')
    }
    expect(nextCommand(multi, 'a.fits', { method: '2' })).toContain('--method 2')
  })

  it('is read by a shell as it was meant', () => {
    const scan = "-it's a plate $HOME.fits"
    const command = nextCommand(multi, scan, { dec: '-20.5', mirror: ['one', 'two;three'] })!
    const words = execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' })
    expect(words.trimEnd().split('\n')).toEqual([
      ...['platepipe', 'reduce', `./${scan}`, '--dec=-20.5'],
      ...['--mirror', 'one', '--mirror', 'two;three', '--exposures', 'auto'],
    ])
  })

  it('is not offered where it would not help', () => {
    expect(nextCommand({ ...multi, class: 'complex' }, 'a.fits', {})).toBeUndefined()
    expect(nextCommand({ ...multi, status: 'reduced' }, 'a.fits', {})).toBeUndefined()
    expect(nextCommand(multi, 'a.fits', { exposures: 'auto' })).toBeUndefined()
  })
})
