// The user erred, or something the user can mend is missing: reported as sentences without a stack, exit status 2.

/**
 * What was found, what was expected, and what to do next, in two sentences that a newcomer understands.
 *
 *     throw new UserError('solve-field was not found on PATH', 'install astrometry.net or set --solve-field')
 */
export class UserError extends Error {
  readonly todo: string

  constructor(found: string, todo: string) {
    super(found)
    this.name = 'UserError'
    this.todo = todo
  }
}

/** The run was cancelled by a signal (Ctrl-C or a batch system): children are gone, nothing half-written stays. */
export class Cancelled extends Error {
  constructor() {
    super('cancelled')
    this.name = 'Cancelled'
  }
}

/** Throws Cancelled when the signal has fired. Called between strips and between attempts. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Cancelled()
}
