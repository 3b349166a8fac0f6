import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FIELD_PER_QUAD, readIndexFolder, smallestFieldDeg } from '../../src/catalog/indexes.ts'
import { addCard, emptyHeader, formatHeader } from '../../src/fits/header.ts'
import { describeProgram, findProgram } from '../../src/tools/versions.ts'
import { platepipe } from '../support/cli.ts'
import { testFolder } from './scans.ts'

let folder: string
beforeAll(async () => {
  folder = await testFolder('doctor')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const RADIANS_PER_ARCMIN = Math.PI / 180 / 60

/** A file with the primary header of an index and nothing else. */
async function writeIndex(dir: string, name: string, arcmin: [number, number], tile: number, nside: number) {
  const header = emptyHeader()
  addCard(header, 'SIMPLE', true)
  addCard(header, 'BITPIX', 8)
  addCard(header, 'NAXIS', 0)
  addCard(header, 'SCALE_U', arcmin[1] * RADIANS_PER_ARCMIN)
  addCard(header, 'SCALE_L', arcmin[0] * RADIANS_PER_ARCMIN)
  addCard(header, 'HEALPIX', tile)
  addCard(header, 'HPNSIDE', nside)
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, name), formatHeader(header))
}

async function writeProgram(name: string, script: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

describe('doctor', () => {
  it('finds that plates can be reduced where everything is installed', async () => {
    const run = await platepipe(['doctor'])
    expect(run.status, run.stdout).toBe(0)
    expect(run.stdout).toMatch(/^ok +SExtractor +\d+\.\d+/m)
    expect(run.stdout).toMatch(/^ok +solve-field +\d+\.\d+/m)
    expect(run.stdout.trimEnd()).toMatch(/Plates can be reduced\.$/)
  })

  it('names everything that is missing, what it means, and the command that installs it', async () => {
    const run = await platepipe(['doctor', '--index-dir', join(folder, 'none')], { env: { PATH: folder } })
    expect(run.status).toBe(2)
    expect(run.stdout).toMatch(/^MISSING +SExtractor .*no star can be found/m)
    expect(run.stdout).toMatch(/^MISSING +solve-field .*no plate can be placed/m)
    expect(run.stdout).toMatch(/^warning +funpack .*tile-compressed/m)
    expect(run.stdout).toMatch(/^MISSING +fields .*no set of indexes covers the sky/m)
    expect(run.stdout).toContain('→')
    expect(run.stdout).toMatch(/install .*source-extractor|install .*sextractor/)
    expect(run.stderr).toBe('')
  })

  it('says the same to programs', async () => {
    const run = await platepipe(['doctor', '--json', '--solve-field', '/nowhere/solve-field'])
    const { ready, checks } = JSON.parse(run.stdout)
    expect(run.status).toBe(2)
    expect(ready).toBe(false)
    expect(checks.find((check: { label: string }) => check.label === 'solve-field')).toMatchObject({
      state: 'missing',
      todo: expect.stringContaining('--solve-field'),
    })
  })

  it('reads the catalogue that is given, and says what is wrong with it', async () => {
    const path = join(folder, 'no stars.csv')
    await writeFile(path, 'name,colour\nalpha,red\n')
    const run = await platepipe(['doctor', '--catalog', path])
    expect(run.status).toBe(2)
    expect(run.stdout).toMatch(/^MISSING +reference stars/m)
    expect(run.stdout).toContain('no stars.csv')
  })

  it('finds a folder for results that cannot be written to', async () => {
    const run = await platepipe(['doctor', '--out', '/proc/results'])
    expect(run.status).toBe(2)
    expect(run.stdout).toMatch(/^MISSING +results .*\/proc.*cannot be written to/m)
  })
})

describe('indexes', () => {
  it('are recognised by their header, and anything else in the folder is left out', async () => {
    const dir = join(folder, 'mixed')
    await writeIndex(dir, 'index-a.fits', [22, 30], -1, 0)
    await writeFile(join(dir, 'index-short.fits'), 'SIMPLE')
    await writeFile(join(dir, 'index-zeros.fits'), new Uint8Array(5760))
    await writeFile(join(dir, 'readme.txt'), 'indexes')
    await mkdir(join(dir, 'folder.fits'))
    const { exists, indexes } = await readIndexFolder(dir)
    expect(exists).toBe(true)
    expect(indexes).toHaveLength(1)
    expect(indexes[0]!.smallestQuadArcmin).toBeCloseTo(22, 9)
    expect(indexes[0]!.largestQuadArcmin).toBeCloseTo(30, 9)
    expect(await readIndexFolder(join(dir, 'absent'))).toMatchObject({ exists: false, indexes: [] })
  })

  it('of small quads count only when their tiles cover the whole sky', async () => {
    const dir = join(folder, 'tiles')
    await writeIndex(dir, 'index-wide.fits', [60, 90], -1, 0)
    for (let tile = 0; tile < 11; tile++) await writeIndex(dir, `index-${tile}.fits`, [2, 2.8], tile, 1)
    const eleven = await readIndexFolder(dir)
    expect(smallestFieldDeg(eleven.indexes)).toBeCloseTo(FIELD_PER_QUAD, 9)
    await writeIndex(dir, 'index-11.fits', [2, 2.8], 11, 1)
    const twelve = await readIndexFolder(dir)
    expect(smallestFieldDeg(twelve.indexes)).toBeCloseTo((FIELD_PER_QUAD * 2) / 60, 9)
    expect(smallestFieldDeg([])).toBeUndefined()
  })
})

describe('a program', () => {
  it('is found as a shell would find it', async () => {
    await writeProgram('tool', 'echo tool 1.2')
    await writeFile(join(folder, 'not-executable'), 'echo')
    await mkdir(join(folder, 'a-folder'))
    expect(await findProgram('tool', `/nowhere:${folder}`)).toBe(join(folder, 'tool'))
    expect(await findProgram(join(folder, 'tool'), '')).toBe(join(folder, 'tool'))
    for (const name of ['not-executable', 'a-folder', 'absent']) {
      expect(await findProgram(name, folder), name).toBeUndefined()
    }
  })

  it('is described by the version that it prints, or by none', async () => {
    const versionPattern = /tool (\d\S*)/
    const tool = await writeProgram('versioned', '[ "$1" = --version ] && echo "tool 2.25.0 (2018)"; exit 3')
    const silent = await writeProgram('silent', 'exit 0')
    const wanted = { versionArgs: ['--version'], versionPattern }
    expect(await describeProgram({ names: ['/absent', tool], ...wanted })).toEqual({
      name: tool,
      path: tool,
      version: '2.25.0',
    })
    expect((await describeProgram({ names: [silent], ...wanted }))?.version).toBeNull()
    expect(await describeProgram({ names: ['/absent'], ...wanted })).toBeUndefined()
  })
})
