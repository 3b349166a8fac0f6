// run.json: how this result came about. The only file of a result that differs between two equal runs.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { arch, cpus, platform, release } from 'node:os'
import { join, resolve } from 'node:path'
import { type Config, configRecord } from './config.ts'
import { throwIfCancelled } from './errors.ts'
import { writeWhole } from './fits/io.ts'
import type { ProgramRun } from './tools/run.ts'
import { describeProgram, SEXTRACTOR_NAMES, VERSION_OF } from './tools/versions.ts'

export interface RunRecordInput {
  outDir: string
  scanPath: string
  config: Config
  version: string
  runs: readonly ProgramRun[]
  /** Stage names in order, with the seconds that each took. */
  timings: readonly { stage: string; seconds: number }[]
  /** Where the reference stars came from. */
  reference: Record<string, unknown>
  signal: AbortSignal
}

export async function writeRunRecord(input: RunRecordInput): Promise<void> {
  const { config, signal } = input
  const find = (names: readonly string[], version: (typeof VERSION_OF)[keyof typeof VERSION_OF]) =>
    describeProgram({ names, ...version }, signal)
  const sextractor = config.sextractor === undefined ? SEXTRACTOR_NAMES : [config.sextractor]
  const isFile = typeof input.reference.file === 'string'
  const inputs = [input.scanPath, ...(isFile ? [config.catalog!] : [])]
  const record = {
    schema: 1,
    platepipe: input.version,
    node: process.version,
    machine: { platform: platform(), release: release(), arch: arch(), cpus: cpus().length },
    finished: new Date().toISOString(),
    command_line: process.argv,
    inputs: await Promise.all(inputs.map((path) => describeInput(path, signal))),
    configuration: configRecord(config),
    reference: input.reference,
    programs: {
      sextractor: (await find(sextractor, VERSION_OF.sextractor)) ?? null,
      solve_field: (await find([config.solveField], VERSION_OF.solveField)) ?? null,
      build_index: (await find([config.buildIndex], VERSION_OF.buildIndex)) ?? null,
    },
    runs: input.runs.map(({ command, exitCode, timedOut, seconds }) => ({
      command,
      exit_code: exitCode,
      timed_out: timedOut,
      seconds: Number(seconds.toFixed(3)),
    })),
    timings_s: Object.fromEntries(
      input.timings.map(({ stage, seconds }) => [stage, Number(seconds.toFixed(3))]),
    ),
    peak_memory_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  }
  await writeWhole(join(input.outDir, 'run.json'), `${JSON.stringify(record, null, 2)}\n`)
}

async function describeInput(path: string, signal: AbortSignal) {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) {
    throwIfCancelled(signal)
    hash.update(chunk)
  }
  return { path: resolve(path), bytes: (await stat(path)).size, sha256: hash.digest('hex') }
}
