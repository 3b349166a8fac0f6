import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { PARAMETERS } from '../../src/config.ts'
import { SIMULATE_PARAMETERS } from '../../src/simulate/options.ts'
import { type CliRun, command, platepipe } from '../support/cli.ts'
import { testFolder, writeStarryScan } from './scans.ts'

let folder: string
let scan: string
beforeAll(async () => {
  folder = await testFolder('main')
  scan = await writeStarryScan(join(folder, 'field.fits'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Two lines, what was found and what to do, and no stack. */
function expectMistake(run: CliRun): { found: string; todo: string } {
  const [found = '', todo = '', ...rest] = run.stderr.trimEnd().split('\n')
  expect(run.status, run.stderr).toBe(2)
  expect(found).toMatch(/^platepipe: \S/)
  expect(todo).toMatch(/^ {2}→ \S/)
  expect(rest).toEqual([])
  expect(run.stdout).toBe('')
  return { found: found.slice('platepipe: '.length), todo: todo.slice('  → '.length) }
}

describe('platepipe', () => {
  it('prints the version of the package', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'))
    for (const flag of ['--version', '-V']) {
      expect(await platepipe([flag])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
    }
  })

  it('lists its commands and gives examples under --help', async () => {
    const run = await platepipe(['--help'])
    expect(run.status).toBe(0)
    for (const word of ['reduce', 'simulate', 'inspect', 'doctor', 'Examples:'])
      expect(run.stdout).toContain(word)
  })

  it.each([
    ['reduce', PARAMETERS],
    ['simulate', SIMULATE_PARAMETERS],
  ])('%s --help lists every parameter', async (name, table) => {
    const run = await platepipe([name, '--help'])
    expect(run.status).toBe(0)
    const lacking = Object.values(table).filter((parameter) => !run.stdout.includes(parameter.flag))
    expect(lacking.map((parameter) => parameter.flag)).toEqual([])
  })

  it('says what to do when no command was given', async () => {
    expect(expectMistake(await platepipe([])).todo).toContain('platepipe doctor')
  })

  it('suggests the command that was meant', async () => {
    expect(expectMistake(await platepipe(['reduc', scan]))).toEqual({
      found: "unknown command 'reduc'",
      todo: 'did you mean reduce?',
    })
  })

  it('suggests the option that was meant', async () => {
    expect(expectMistake(await platepipe(['reduce', scan, '--catalgo', 'x.csv'])).todo).toBe(
      'did you mean --catalog?',
    )
  })

  it('takes a scan in the place of a command for a reduction that was meant', async () => {
    expect(expectMistake(await platepipe([scan])).todo).toBe(`to reduce it: platepipe reduce ${scan}`)
  })

  it('says which argument is missing, and points to the help', async () => {
    const mistake = expectMistake(await platepipe(['reduce']))
    expect(mistake.found).toBe("missing required argument 'scan'")
    expect(mistake.todo).toContain('--help')
  })

  it('refuses a value out of range before anything is begun', async () => {
    const out = join(folder, 'never')
    const mistake = expectMistake(await platepipe(['reduce', scan, '--epoch', '1066', '-o', out]))
    expect(mistake).toEqual({
      found: '--epoch is "1066"',
      todo: 'give a number from 1840 to 2030, or the word unknown',
    })
    expect(existsSync(out)).toBe(false)
  })

  it('reads a negative declination as a value, not as an option', async () => {
    const mistake = expectMistake(await platepipe(['reduce', scan, '--dec', '-69.7']))
    expect(mistake.found).toBe('--dec was given without --ra')
  })

  it('ends quietly when the reader of its output goes away', async () => {
    const line = `set -o pipefail; "${process.execPath}" "${command()}" reduce --help | true`
    const run = await execa('bash', ['-c', line], { reject: false })
    expect(run.stderr).toBe('')
    expect(run.exitCode).toBe(0)
  })
})

describe('the launcher', () => {
  it('says which Node it needs when this one is too old', async () => {
    const preload = join(folder, 'old-node.cjs')
    await writeFile(preload, "Object.defineProperty(process, 'versions', { value: { node: '18.19.1' } })")
    const run = await platepipe(['--version'], { env: { NODE_OPTIONS: `--require ${preload}` } })
    expect(expectMistake(run)).toEqual({
      found: 'Node 20.20 or newer is needed, and this is Node 18.19.1',
      todo: 'install a newer Node, for instance from https://nodejs.org',
    })
  })

  it('says how to build when nothing is built yet', async () => {
    const bin = join(folder, 'unbuilt/bin')
    await mkdir(bin, { recursive: true })
    await copyFile('bin/platepipe', join(bin, 'platepipe'))
    await writeFile(join(folder, 'unbuilt/package.json'), '{"type":"module"}')
    const run = await execa(process.execPath, [join(bin, 'platepipe')], { reject: false })
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain('npm ci && npm run build')
  })

  it('works through a symbolic link in a folder with blanks and quotes, as npm installs it', async () => {
    const odd = join(folder, "it's a “bin”")
    await mkdir(odd)
    await symlink(join(inject('platepipeBuild'), 'bin/platepipe'), join(odd, 'platepipe'))
    const run = await execa(process.execPath, [join(odd, 'platepipe'), '--version'], { reject: false })
    expect(run.stdout).toMatch(/^\d+\.\d+\.\d+$/)
  })
})
