// The command that goes on where a run has left off, ready to be pasted into a shell.
import { PARAMETERS } from '../config.ts'
import type { Solution } from '../solution.ts'

/** Words that a POSIX shell takes as they are. */
const PLAIN = /^[\w@%+=:,./-]+$/

function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/**
 * The same run with every exposure solved, where a plate with several was left to a person; undefined where that would not help.
 * @param given  the options of the run as they were typed, by the names of the parameters
 */
export function nextCommand(
  solution: Pick<Solution, 'status' | 'class'>,
  scanPath: string,
  given: Record<string, unknown>,
): string | undefined {
  if (solution.status !== 'manual' || solution.class !== 'multi' || given.exposures === 'auto')
    return undefined
  const { method, ...others } = given
  // That the plate is one direct exposure is what turned out to be wrong.
  const kept = Number(method) === 1 || method === undefined ? others : given
  const options = Object.entries<unknown>({ ...kept, exposures: 'auto' }).flatMap(([name, value]) => {
    const flag = PARAMETERS[name as keyof typeof PARAMETERS].flag.split(', ').at(-1)!
    if (value === true) return [flag]
    const values = Array.isArray(value) ? value : [value]
    // `--dec=-20`: a value that begins with a dash would be taken for an option.
    return values.flatMap((one) => (String(one).startsWith('-') ? [`${flag}=${one}`] : [flag, String(one)]))
  })
  // What begins with a dash is no option here.
  const scan = scanPath.startsWith('-') ? `./${scanPath}` : scanPath
  return ['platepipe', 'reduce', scan, ...options].map(quoted).join(' ')
}
