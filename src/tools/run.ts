// The one place where a program is started: argument arrays, never a shell; a wall-time limit; the whole process
// group dies with a time-out, a failure or a cancellation. What a program returned is judged by its product, not here.
import { execa } from 'execa'
import { Cancelled, UserError } from '../errors.ts'

export interface ProgramCall {
  program: string
  args: readonly string[]
  /** Working folder of the program. */
  cwd: string
  /** Wall-time limit, seconds. */
  timeoutSeconds: number
  signal?: AbortSignal | undefined
  /** What to do when the program is not there, for the error message. */
  installHint: string
}

export interface ProgramRun {
  command: string[]
  exitCode: number | null
  timedOut: boolean
  seconds: number
  /** The last part of standard output and standard error together. */
  output: string
}

const OUTPUT_LIMIT_CHARS = 200_000
const GRACE_MS = 2_000 // between asking a group to end and killing it

function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  try {
    process.kill(-pid, signal)
    return true
  } catch {
    return false // the group is gone already
  }
}

const liveGroups = new Set<number>()

/** Kills every process group that is still running: the last resort when platepipe itself is told to end. */
export function killAllPrograms(): void {
  for (const pid of liveGroups) signalGroup(pid, 'SIGKILL')
}

/**
 * Runs one program to its end, its limit or its cancellation.
 * @throws UserError when the program cannot be started; Cancelled when the signal fired.
 */
export async function runProgram(call: ProgramCall): Promise<ProgramRun> {
  if (call.signal?.aborted) throw new Cancelled()
  const started = performance.now()
  const child = execa(call.program, call.args, {
    cwd: call.cwd,
    detached: true, // its own process group, so that grandchildren end with it
    cleanup: false,
    stdin: 'ignore',
    all: true,
    reject: false,
    maxBuffer: OUTPUT_LIMIT_CHARS * 50,
    env: { LC_ALL: 'C', OMP_NUM_THREADS: '1' },
  })
  const pid = child.pid
  let timedOut = false
  let killTimer: NodeJS.Timeout | undefined
  const end = () => {
    if (pid === undefined) return
    signalGroup(pid, 'SIGTERM')
    killTimer = setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_MS)
  }
  const limit = setTimeout(() => {
    timedOut = true
    end()
  }, call.timeoutSeconds * 1000)
  call.signal?.addEventListener('abort', end, { once: true })
  if (pid !== undefined) liveGroups.add(pid)
  try {
    const result = await child
    if (pid === undefined || (result.failed && result.code === 'ENOENT')) {
      throw new UserError(
        `${call.program} could not be started (${result.code ?? 'unknown error'})`,
        call.installHint,
      )
    }
    if (call.signal?.aborted) throw new Cancelled()
    return {
      command: [call.program, ...call.args],
      exitCode: result.exitCode ?? null,
      timedOut,
      seconds: (performance.now() - started) / 1000,
      output: String(result.all ?? '').slice(-OUTPUT_LIMIT_CHARS),
    }
  } finally {
    clearTimeout(limit)
    clearTimeout(killTimer)
    call.signal?.removeEventListener('abort', end)
    if (pid !== undefined) {
      signalGroup(pid, 'SIGKILL') // grandchildren that outlived the program
      liveGroups.delete(pid)
    }
  }
}
