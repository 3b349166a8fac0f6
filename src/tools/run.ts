// The one place where a program is started: argument arrays, never a shell; a wall-time limit; the whole process
// group dies with a time-out, a failure or a cancellation. What a program returned is judged by its product, not here.
import { resolve, sep } from 'node:path'
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
  /** The signal that ended it, such as SIGKILL where the machine ran out of memory; null when it ended by itself. */
  killedBy: string | null
  timedOut: boolean
  seconds: number
  /** The last part of standard output and standard error together. */
  output: string
}

const OUTPUT_LIMIT_CHARS = 200_000
const GRACE_MS = 2_000 // between asking a group to end and killing it, and for the last words of a dead program

const START_ERRORS: Record<string, string> = {
  ENOENT: 'there is no such program',
  EACCES: 'it may not be executed, or is a folder',
  ENOEXEC: 'it is not a program of this machine',
  ENOTDIR: 'a part of its path is a file',
}

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

/** How it ended, in words for a message. */
export function endOf({ exitCode, killedBy }: Pick<ProgramRun, 'exitCode' | 'killedBy'>): string {
  if (killedBy === 'SIGKILL') return 'killed, perhaps because the machine is out of memory'
  return killedBy === null ? `exit status ${exitCode}` : `killed by ${killedBy}`
}

/** What to type to see more than its last words: the command as a shell takes it. */
export function byHand({ command }: Pick<ProgramRun, 'command'>): string {
  const words = command.map((word) =>
    /^[\w./:=,+@%-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
  )
  return `to see what it says, reduce with --keep-work and run this in the folder that is kept: ${words.join(' ')}`
}

/**
 * Runs one program to its end, its limit or its cancellation.
 * @throws UserError when the program cannot be started; Cancelled when the signal fired.
 */
export async function runProgram(call: ProgramCall): Promise<ProgramRun> {
  if (call.signal?.aborted) throw new Cancelled()
  const started = performance.now()
  // A path is the user's, from the folder where platepipe was started, not from the program's working folder.
  const program = call.program.includes(sep) ? resolve(call.program) : call.program
  const child = execa(program, call.args, {
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
  // What it left behind holds its output open, and would be waited for.
  let closeTimer: NodeJS.Timeout | undefined
  child.once('exit', () => {
    if (pid !== undefined) signalGroup(pid, 'SIGKILL')
    closeTimer = setTimeout(() => {
      child.stdout.destroy()
      child.stderr.destroy()
    }, GRACE_MS)
  })
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
        `${call.program} could not be started: ${START_ERRORS[result.code ?? ''] ?? result.code ?? 'unknown error'}`,
        call.installHint,
      )
    }
    if (call.signal?.aborted) throw new Cancelled()
    return {
      command: [program, ...call.args],
      exitCode: result.exitCode ?? null,
      killedBy: result.signal ?? null,
      timedOut,
      seconds: (performance.now() - started) / 1000,
      output: String(result.all ?? '').slice(-OUTPUT_LIMIT_CHARS),
    }
  } finally {
    clearTimeout(limit)
    clearTimeout(killTimer)
    clearTimeout(closeTimer)
    call.signal?.removeEventListener('abort', end)
    if (pid !== undefined) {
      signalGroup(pid, 'SIGKILL') // grandchildren that outlived the program
      liveGroups.delete(pid)
    }
  }
}
