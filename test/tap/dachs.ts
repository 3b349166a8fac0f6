// Starts the real TAP server of the tests (dachs.sh), for as long as this run of tests lasts.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { isMainThread } from 'node:worker_threads'

const CANNOT_BE_HERE = 3

/**
 * Call it at the top of a test file: installation takes a minute where nothing is there yet, a start seconds.
 * @returns the address of the service, or undefined where this machine cannot have it, having said why
 * @throws where it could be there but does not work
 */
export async function startDachs(): Promise<string | undefined> {
  // The server outlives this file's process, for the next file, but not the run that both belong to.
  const run = isMainThread ? process.ppid : process.pid
  try {
    const { stdout } = await promisify(execFile)('test/tap/dachs.sh', ['start', String(run)])
    return stdout.trim().split('\n').at(-1)!
  } catch (error) {
    const { code, stderr } = error as { code?: number; stderr?: string }
    if (code !== CANNOT_BE_HERE) throw error
    console.log(`skipped: ${stderr?.trim()}`)
    return undefined
  }
}
