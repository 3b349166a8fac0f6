// What npm packs works after it was installed somewhere else, with nothing of the repository around it.
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testFolder, writeStarryScan } from './cli/scans.ts'

const MOST_BYTES = 3_000_000 // a package is code and small tables; a plate that slipped in would be larger

let folder: string
let packed: { filename: string; size: number; files: { path: string }[] }

beforeAll(async () => {
  folder = await testFolder('package')
  const pack = await execa('npm', ['pack', '--json', '--pack-destination', folder], { cwd: resolve('.') })
  // The build that runs before packing may print lines of its own above the JSON.
  packed = JSON.parse(pack.stdout.slice(pack.stdout.indexOf('[\n')))[0]
  const tarball = join(folder, packed.filename)
  // Another prefix would also mean other settings, and lose the proxy or the certificates that the machine needs.
  const { stdout: settings } = await execa('npm', ['config', 'get', 'globalconfig'])
  const options = [
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--prefix',
    folder,
    '--globalconfig',
    settings,
  ]
  await execa('npm', ['install', '--global', ...options, tarball])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function installed(args: readonly string[]) {
  const env = { PATH: `${join(folder, 'bin')}:${process.env.PATH}` }
  return execa('platepipe', args, { cwd: folder, env, reject: false, stdin: 'ignore' })
}

describe('the lock file', () => {
  it('names every package of every platform: npm ci refuses it else, even where the package is not needed', async () => {
    const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'))
    const named = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')))
    const wanted = Object.values<Record<string, Record<string, string>>>(packages).flatMap((entry) =>
      Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }),
    )
    expect(wanted.filter((name) => !named.has(name))).toEqual([])
  })
})

describe('the package', () => {
  it('holds the command, its build, the reference data and the licence, and nothing else of the repository', () => {
    const paths = packed.files.map((file) => file.path)
    for (const path of [
      'bin/platepipe',
      'dist/cli/main.js',
      'package.json',
      'README.md',
      'LICENSE',
      'CITATION.cff',
    ]) {
      expect(paths).toContain(path)
    }
    const stray = paths.filter((path) => /^(src|test|bench|fixtures|scripts|docs|demo|\.)/.test(path))
    expect(stray).toEqual([])
    expect(packed.size).toBeLessThan(MOST_BYTES)
  })

  it('gives a command that knows its version and its help', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'))
    expect((await installed(['--version'])).stdout).toBe(version)
    const help = await installed(['reduce', '--help'])
    expect(help.exitCode).toBe(0)
    expect(help.stdout).toContain('Examples:')
  })

  it('gives a command that takes a scan through every stage, and says that it could not be solved', async () => {
    const scan = await writeStarryScan(join(folder, 'field of stars.fits'))
    const run = await installed(['reduce', scan, '-o', 'out', '--solve-time', '3', '--solve-cpu', '2'])
    expect(run.exitCode, run.stderr).toBe(4)
    expect(run.stdout).toContain('field of stars: not solved')
    expect(existsSync(join(folder, 'out/field of stars/detections.fits'))).toBe(true)
  })
})
