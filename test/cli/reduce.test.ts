import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { worstExit } from '../../src/cli/reduce.ts'
import { command, platepipe } from '../support/cli.ts'
import { testFolder, writeStarryScan } from './scans.ts'

const M67 = resolve('../shared/plates/m67-poss1-e-1951.fits')
const M67_STARS = resolve('../shared/gaia/m67-dr3.csv')

let folder: string
let scan: string
beforeAll(async () => {
  folder = await testFolder('reduce')
  scan = await writeStarryScan(join(folder, 'field.fits'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A program that starts a child of its own, notes both process ids, and does not end by itself. */
async function writeHangingProgram(
  name: string,
): Promise<{ program: string; pids: () => Promise<number[]> }> {
  const program = join(folder, name)
  const notes = join(folder, `${name}.pids`)
  await writeFile(program, `#!/bin/sh\nsleep 300 &\necho $$ $! > "${notes}"\nwait\n`)
  await chmod(program, 0o755)
  const pids = async () => (await readFile(notes, 'utf8')).trim().split(/\s+/).map(Number)
  return { program, pids }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (await condition()) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error('waited 30 s in vain')
}

describe('the exit status of several scans', () => {
  it.each([
    [[], 0],
    [[0, 0], 0],
    [[0, 3, 2], 3],
    [[4, 0, 3], 4],
    [[4, 1, 3], 1],
  ])('of %j is %i', (statuses, exit) => {
    expect(worstExit(statuses)).toBe(exit)
  })
})

describe('platepipe reduce', () => {
  it('refuses two scans that would go into one folder, and one name for two', async () => {
    const twice = await platepipe(['reduce', scan, join(folder, 'other/field.fits.gz'), '-o', folder])
    expect(twice.status).toBe(2)
    expect(twice.stderr).toContain('would both be reduced into the folder "field"')
    const named = await platepipe(['reduce', scan, join(folder, 'b.fits'), '--id', 'x'])
    expect(named.stderr).toContain('--id names one plate but 2 scans were given')
  })

  it('goes on with the next scan when one is bad, and says so in its exit status', async () => {
    await writeFile(join(folder, 'empty.fits'), '')
    await writeFile(join(folder, 'text.fits'), 'no plate at all\n')
    const run = await platepipe(['reduce', 'absent.fits', 'empty.fits', 'text.fits', '-o', 'out'], {
      cwd: folder,
    })
    expect(run.status).toBe(2)
    for (const name of ['absent.fits', 'empty.fits', 'text.fits']) expect(run.stderr).toContain(name)
    expect(run.stderr.match(/^platepipe: /gm)).toHaveLength(3)
    expect(run.stderr.match(/^ {2}→ /gm)).toHaveLength(3)
    expect(run.stderr).not.toMatch(/^\s+at /m)
  })

  it('leaves no folder behind for a scan that could not be read', async () => {
    const out = join(folder, 'nothing')
    await platepipe(['reduce', 'absent.fits', '-o', out], { cwd: folder })
    expect(existsSync(out) ? await readdir(out) : []).toEqual([])
  })

  it('prints one JSON object a line under --json, and the mistake as the last of them', async () => {
    const run = await platepipe(['reduce', join(folder, 'absent.fits'), '--json', '-o', join(folder, 'out')])
    const events = run.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events[0]).toMatchObject({ event: 'start', scan: join(folder, 'absent.fits') })
    expect(events.at(-1)).toMatchObject({ event: 'error', exit: 2, todo: expect.any(String) })
  })

  it.skipIf(!existsSync(M67))(
    'reduces a real plate beside a bad one, and names the files to open',
    async () => {
      const run = await platepipe(['reduce', 'absent.fits', M67, '--catalog', M67_STARS, '-o', 'both'], {
        cwd: folder,
      })
      expect(run.stdout).toMatch(/^m67-poss1-e-1951: reduced$/m)
      expect(run.stdout).toMatch(/^ {2}centre +132\.83\d\d \+11\.81\d\d/m)
      expect(run.stdout).toContain(join('both', 'm67-poss1-e-1951', 'report.html'))
      expect(run.status).toBe(2)
      expect(run.stderr).toContain('absent.fits')
    },
  )

  it.skipIf(!existsSync(M67))('prints nothing under --quiet, and only events under --json', async () => {
    const args = ['reduce', M67, '--catalog', M67_STARS]
    const quiet = await platepipe([...args, '--quiet', '-o', 'quiet'], { cwd: folder })
    expect(quiet).toEqual({ status: 0, stdout: '', stderr: '' })
    const json = await platepipe([...args, '--json', '-o', 'json'], { cwd: folder })
    const events = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.filter(({ event }) => event === 'stage').length).toBeGreaterThan(5)
    expect(events.at(-1)).toMatchObject({ event: 'result', exit: 0, solution: { status: 'reduced' } })
    expect(json.stderr).toBe('')
  })
})

describe('a signal', () => {
  const hanging: [name: string, option: string, needsStars: boolean][] = [
    ['sextractor', '--sextractor', false],
    ['solver', '--solve-field', false],
  ]
  it.each(hanging)(
    'ends a hanging %s and its children, and keeps the earlier result',
    async (name, option) => {
      const { program, pids } = await writeHangingProgram(`hanging-${name}`)
      const out = join(folder, `cancelled-${name}`)
      const work = join(folder, `work-${name}`)
      await mkdir(join(out, 'field'), { recursive: true })
      await mkdir(work)
      await writeFile(join(out, 'field/solution.json'), '{"kept": true}')
      const place = ['--ra', '100', '--dec', '20', '--scale', '5', '--epoch', '1950']
      const args = [command(), 'reduce', scan, '-o', out, '--tmp-dir', work, option, program, ...place]
      const running = execa(process.execPath, args, { reject: false, stdin: 'ignore' })
      await until(() => existsSync(join(folder, `hanging-${name}.pids`)))
      running.kill('SIGINT')
      const run = await running
      expect(run.exitCode, run.stderr).toBe(130)
      expect(run.stderr).toContain('platepipe: cancelled')
      await until(async () => (await pids()).every((pid) => !isRunning(pid)))
      expect(await readdir(out)).toEqual(['field'])
      expect(await readFile(join(out, 'field/solution.json'), 'utf8')).toBe('{"kept": true}')
      expect(await readdir(work)).toEqual([])
    },
  )

  it.each(['ingest', 'extract', 'filter', 'triage', 'solve', 'publish'])(
    'that strikes in the stage %s leaves the earlier result, and nothing half-written',
    async (stage) => {
      const out = join(folder, `struck-${stage}`)
      const work = join(folder, `struck-work-${stage}`)
      await mkdir(join(out, 'field'), { recursive: true })
      await mkdir(work)
      await writeFile(join(out, 'field/solution.json'), '{"kept": true}')
      const limits = ['--solve-time', '20', '--solve-cpu', '5']
      const args = [command(), 'reduce', scan, '-o', out, '--tmp-dir', work, '--json', ...limits]
      const running = execa(process.execPath, args, { reject: false, stdin: 'ignore' })
      for await (const line of running) {
        const event = JSON.parse(String(line))
        if (event.event === 'stage' && event.stage === stage) running.kill('SIGINT')
      }
      const run = await running
      const solution = JSON.parse(await readFile(join(out, 'field/solution.json'), 'utf8'))
      // In the last stage the result may be complete before the signal is heard: then it is the new one, whole.
      if (run.exitCode === 4 && stage === 'publish') expect(solution.status).toBe('unsolved')
      else {
        expect(run.exitCode, run.stderr).toBe(130)
        expect(solution).toEqual({ kept: true })
      }
      expect(await readdir(out)).toEqual(['field'])
      expect(await readdir(work)).toEqual([])
    },
  )

  it('SIGTERM leaves 143', async () => {
    const { program } = await writeHangingProgram('hanging-for-term')
    const args = [command(), 'reduce', scan, '-o', join(folder, 'term'), '--sextractor', program]
    const running = execa(process.execPath, args, { reject: false, stdin: 'ignore' })
    await until(() => existsSync(join(folder, 'hanging-for-term.pids')))
    running.kill('SIGTERM')
    expect((await running).exitCode).toBe(143)
  })
})
