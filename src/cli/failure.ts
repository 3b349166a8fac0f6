// What is said, and which exit status is left, when something did not go well.
import { UserError } from '../errors.ts'
import { manifest } from './manifest.ts'

/** The exit status of every command; docs/outputs.md is the contract. */
export const EXIT = { ok: 0, bug: 1, user: 2, manual: 3, unsolved: 4 } as const

/** As a shell reports a program that ended by that signal. */
export const SIGNAL_EXIT = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/** A name may hold line feeds and worse; a message stays in its line, and steers no terminal. */
function inOneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1))
}

/** The two lines for a user's mistake: what was found, and what to do. */
export function userErrorText(found: string, todo: string): string {
  return `platepipe: ${inOneLine(found)}\n  → ${inOneLine(todo)}\n`
}

/** For a failure that nobody foresaw: one sentence, where to report it, and the stack that a report needs. */
export function bugText(error: unknown): string {
  const { version, bugs } = manifest()
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const first = error instanceof Error ? error.message : String(error)
  return (
    `platepipe: this is a bug in platepipe ${version}: ${first.split('\n')[0]}\n` +
    `  → please report it${bugs ? ` at ${bugs}` : ' to those who maintain platepipe'}, with the command and these lines:\n` +
    `${stack.replace(/^/gm, '    ')}\n`
  )
}

/**
 * Node's codes of failures that the user can mend wherever they turn up, and what to do about each. A file that is
 * not there (ENOENT) is not among them: where it can be the user's mistake it is checked, elsewhere it is a bug.
 */
const SYSTEM_ERRORS: Record<string, string> = {
  EACCES: 'check the permissions, or choose another folder',
  EPERM: 'check the permissions, or choose another folder',
  EROFS: 'choose a folder on a file system that can be written to, with --out or --tmp-dir',
  ENOSPC: 'free some space, or choose another disk with --out and --tmp-dir',
  EDQUOT: 'free some of your quota, or choose another disk with --out and --tmp-dir',
  ENOTDIR: 'a part of the path is a file; choose another path',
  ELOOP: 'the links in the path lead in a circle; name the file itself',
  ENAMETOOLONG: 'the name is too long for a file; use a shorter one',
  EISDIR: 'a folder has that name; choose another',
  EFBIG: 'the file grew beyond what the disk or your limits allow (ulimit -f)',
  EBUSY: 'another program holds it; end that one, or choose another folder',
  ESTALE: 'the network disk lost the file; try again',
  ENFILE: 'the machine has too many files open; try again later',
  EMFILE: 'allow more open files (ulimit -n), or reduce fewer plates at once',
  EIO: 'the disk reports an error; copy the file elsewhere and try again',
}

/** A UserError as it is; a failure of the file system as one; anything else, a bug, as undefined. */
export function asUserError(error: unknown): UserError | undefined {
  if (error instanceof UserError) return error
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  const todo = SYSTEM_ERRORS[String(error.code)]
  return todo === undefined ? undefined : new UserError(error.message, todo)
}

/** Prints a failure on standard error and returns its exit status. */
export function reportFailure(error: unknown): number {
  const mistake = asUserError(error)
  process.stderr.write(mistake ? userErrorText(mistake.message, mistake.todo) : bugText(error))
  return mistake ? EXIT.user : EXIT.bug
}
