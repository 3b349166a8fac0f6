// Starts the compiled command as a user does.
import { join } from 'node:path'
import { execa } from 'execa'
import { inject } from 'vitest'

export interface CliRun {
  status: number | undefined
  stdout: string
  stderr: string
}

export interface CliSetting {
  cwd?: string | undefined
  /** Replaces single variables of the environment; undefined removes one. */
  env?: Record<string, string | undefined> | undefined
  timeoutSeconds?: number | undefined
}

/** The path of the command under test. */
export function command(): string {
  return join(inject('platepipeBuild'), 'bin/platepipe')
}

/** Runs `platepipe` with these arguments to its end. */
export async function platepipe(args: readonly string[], setting: CliSetting = {}): Promise<CliRun> {
  const run = await execa(process.execPath, [command(), ...args], {
    ...(setting.cwd === undefined ? {} : { cwd: setting.cwd }),
    env: setting.env ?? {},
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    timeout: (setting.timeoutSeconds ?? 120) * 1000,
  })
  return { status: run.exitCode, stdout: String(run.stdout), stderr: String(run.stderr) }
}
