// One run of `platepipe reduce` on something bad, and what must hold whatever was bad: the exit status, two lines that
// say what was found and what to do, an earlier result byte for byte as it was, no work files, no child left running.
import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect } from 'vitest'
import { simulate } from '../../src/simulate/simulate.ts'
import { testFolder } from '../cli/scans.ts'
import { command } from '../support/cli.ts'

/** What a case finds when it begins: a folder of its own with a good plate, and an earlier result of it. */
export interface Ground {
  folder: string
  /** plate.fits, with the place, the scale and the epoch in its header: reduces in seconds. */
  scan: string
  /** Reference stars of that plate. */
  stars: string
  /** The output folder, with earlier results in it. */
  out: string
  /** TMPDIR of the run; empty. */
  work: string
  /** Writes a file into the folder and returns its path. */
  write(name: string, content: string | Uint8Array): Promise<string>
  /** Writes a program that the run may start. */
  script(name: string, text: string): Promise<string>
}

export interface Case {
  /** What is bad: the name of the test. */
  name: string
  /** Arguments behind `platepipe reduce … -o OUT`; by default the good plate with its stars. */
  args?: (ground: Ground) => string[] | Promise<string[]>
  env?: (ground: Ground) => Record<string, string | undefined>
  cwd?: (ground: Ground) => string
  /** Who runs it: the permissions of files do not bind root. */
  asNobody?: boolean
  /** Names of plates that have an earlier result; `plate` unless told otherwise. */
  earlier?: string[]
  /** 2 unless told otherwise. */
  exit?: number
  found: RegExp
  todo: RegExp
  /** Longest that the run may take. */
  seconds?: number
}

export interface Run {
  exit: number | undefined
  stdout: string
  stderr: string
  seconds: number
}

const NOBODY = 65534

/** Folders of cases below one folder that goes away after the tests of the file. */
export function fieldTrials(name: string): { ground: (earlier?: string[]) => Promise<Ground> } {
  let base = ''
  let count = 0
  beforeAll(async () => {
    base = await testFolder(`bad-${name}`)
    await chmod(base, 0o755)
    await makePlate(base)
  })
  afterAll(() => rm(base, { recursive: true, force: true }))
  return {
    ground: async (earlier = ['plate']) => {
      const folder = join(base, `case-${++count}`)
      const ground: Ground = {
        folder,
        scan: join(base, 'plate.fits'),
        stars: join(base, 'stars.csv'),
        out: join(folder, 'out'),
        work: join(folder, 'work'),
        write: async (file, content) => {
          const path = join(folder, file)
          await writeFile(path, content)
          return path
        },
        script: async (file, text) => {
          const path = await ground.write(file, `#!/bin/sh\n${text}\n`)
          await chmod(path, 0o755)
          return path
        },
      }
      for (const path of [ground.out, ground.work]) await mkdir(path, { recursive: true })
      for (const plate of earlier) await writeEarlierResult(join(ground.out, plate))
      return ground
    },
  }
}

/** A plate of half a degree with about a hundred stars: the whole reduction takes two seconds. */
async function makePlate(folder: string): Promise<void> {
  const options = {
    seed: 5,
    name: 'plate',
    stars: 'synthetic',
    ra: 200,
    dec: 30,
    width: 500,
    field: 0.4,
    epoch: 1950,
    limit: 16,
  }
  const made = await simulate(options, { outDir: folder })
  await copyFile(made.reference, join(folder, 'stars.csv'))
}

async function writeEarlierResult(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'solution.json'), '{"kept": true}')
  await writeFile(join(folder, 'catalogue.fits'), new Uint8Array(2880).fill(0x42))
}

/** Every path below a folder with what is there: a digest of the file, the target of the link. */
export async function contents(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    found[path.slice(folder.length + 1)] = entry.isFile()
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : entry.isSymbolicLink()
        ? `→ ${await readlink(path)}`
        : 'folder'
  }
  return found
}

/** Command lines of the processes that work in a folder or name it. */
export async function processesIn(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '')
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (cwd.startsWith(folder) || words.includes(folder)) found.push(`${pid} ${words.replaceAll('\0', ' ')}`)
  }
  return found
}

/** Starts `platepipe reduce` with these words and -o OUT. */
export function start(ground: Ground, words: string[], bad: Partial<Case> = {}) {
  return execa(process.execPath, [command(), 'reduce', '-o', ground.out, ...words], {
    env: { TMPDIR: ground.work, ...bad.env?.(ground) },
    cwd: bad.cwd?.(ground) ?? ground.folder,
    ...(bad.asNobody && process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}),
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    timeout: 100_000,
  })
}

/** Runs a case to its end. */
export async function run(ground: Ground, bad: Partial<Case>): Promise<Run> {
  const words = (await bad.args?.(ground)) ?? [ground.scan, '--catalog', ground.stars]
  const began = performance.now()
  const ended = await start(ground, words, bad)
  const seconds = (performance.now() - began) / 1000
  const { exitCode: exit, stdout, stderr } = ended
  return { exit, stdout: String(stdout), stderr: String(stderr), seconds }
}

/** Nothing of the run is left: no work file, no half-written folder, no process. */
export async function expectClean(ground: Ground): Promise<void> {
  expect(await processesIn(ground.folder), 'processes').toEqual([])
  expect(await readdir(ground.work), 'work folder').toEqual([])
  const names = await readdir(ground.out).catch(() => [] as string[])
  expect(names.filter((name) => /^\..*(partial|replaced)/.test(name))).toEqual([])
}

/** What was found and what to do, in the last two lines; a line of progress may stand above. */
export function messageOf(stderr: string): { found: string; todo: string } {
  expect(stderr, 'a stack trace').not.toMatch(/^\s+at .*[:)]\d*/m)
  const mistakes = stderr.split(/^platepipe: /m).slice(1)
  expect(mistakes, stderr).toHaveLength(1)
  const [found = '', todo = '', ...rest] = mistakes[0]!.trimEnd().split('\n')
  expect(rest, stderr).toEqual([])
  expect(todo).toMatch(/^ {2}→ \S/)
  return { found, todo: todo.slice('  → '.length) }
}

/** Runs a case and checks all that must hold of it. */
export async function expectRefusal(ground: Ground, bad: Case): Promise<void> {
  // The case may prepare the output folder, so its arguments come first.
  const args = (await bad.args?.(ground)) ?? [ground.scan, '--catalog', ground.stars]
  const before = await contents(ground.out).catch(() => ({}))
  const ended = await run(ground, { ...bad, args: () => args })
  const { found, todo } = messageOf(ended.stderr)
  console.log(`${bad.name}\n  ${found}\n  → ${todo}\n  ${ended.exit}, ${ended.seconds.toFixed(1)} s`)
  expect(ended.exit, ended.stderr).toBe(bad.exit ?? 2)
  expect(found).toMatch(bad.found)
  expect(todo).toMatch(bad.todo)
  expect(await contents(ground.out).catch(() => ({}))).toEqual(before)
  await expectClean(ground)
}
