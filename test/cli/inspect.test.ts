import { existsSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { platepipe } from '../support/cli.ts'
import { testFolder, writeStarryScan } from './scans.ts'

const M67 = resolve('../shared/plates/m67-poss1-e-1951.fits')

let folder: string
beforeAll(async () => {
  folder = await testFolder('inspect')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('platepipe inspect', () => {
  it('tells what a scan without any header says, and what to do about it', async () => {
    const scan = await writeStarryScan(join(folder, 'a “starry” field.fits'))
    const run = await platepipe(['inspect', scan])
    expect(run.status, run.stderr).toBe(0)
    expect(run.stderr).toBe('')
    expect(run.stdout).toMatch(/^ {2}scan +300 × 300 pixels, BITPIX 16/m)
    expect(run.stdout).toMatch(/^ {2}polarity +positive/m)
    expect(run.stdout).toMatch(/^ {2}place +unknown$/m)
    expect(run.stdout).toContain('[EPOCH_UNKNOWN]')
    expect(run.stdout).toContain('--epoch YEAR')
  })

  it.skipIf(!existsSync(M67))(
    'tells the place, the epoch and the scale of a survey plate, and their source',
    async () => {
      const { stdout } = await platepipe(['inspect', M67])
      expect(stdout).toMatch(/^ {2}place +132\.83\d\d \+11\.81\d\d = 08:51:20\.\d \+11:48:4\d/m)
      expect(stdout).toMatch(/^ {2}epoch +1951\.91\d +\(/m)
      expect(stdout).toMatch(/^ {2}scale +1\.70\d″ per pixel/m)
      expect(stdout).toMatch(/^ {2}WCS +GSSS: 1\.70\d\d″ per pixel/m)
    },
  )

  it('tells how many exposures the logbook counts, and the dates that they have', async () => {
    const cards = { NUMEXP: 2, 'DATE-OB1': '1912-03-15T21:15:00', 'DATE-OB2': '1931-05-05T22:15:00' }
    const { stdout } = await platepipe([
      'inspect',
      await writeStarryScan(join(folder, 'two.fits'), 300, cards),
    ])
    expect(stdout).toMatch(/^ {2}exposures +2 {2}\(NUMEXP\), with dates 1912\.20\d, 1931\.34\d$/m)
    const single = await platepipe(['inspect', await writeStarryScan(join(folder, 'one.fits'))])
    expect(single.stdout).toMatch(/^ {2}exposures +unknown$/m)
  })

  it('says the same to programs, as one JSON object', async () => {
    const scan = await writeStarryScan(join(folder, 'json.fits'))
    const { stdout } = await platepipe(['inspect', scan, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      plate: { width: 300, height: 300, polarity: 'positive', place: null },
      usable_fraction: expect.any(Number),
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'PLACE_UNKNOWN' })]),
    })
  })

  it('leaves no work files, whether the scan can be read or not', async () => {
    const work = join(folder, 'work')
    await mkdir(work)
    const scan = await writeStarryScan(join(folder, 'clean.fits'))
    await writeFile(join(folder, 'broken.fits'), 'SIMPLE  =                    T')
    expect((await platepipe(['inspect', scan, '--tmp-dir', work])).status).toBe(0)
    const broken = await platepipe(['inspect', join(folder, 'broken.fits'), '--tmp-dir', work])
    expect(broken.status).toBe(2)
    expect(broken.stderr).toMatch(/^platepipe: .*broken\.fits.*\n {2}→ /)
    expect(await readdir(work)).toEqual([])
  })
})
