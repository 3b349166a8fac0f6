// What can go wrong with a service: every fault says whether the same question may be asked again.
import { Cancelled, UserError } from '../../errors.ts'

/**
 * `again`: a passing fault of the network or of a busy service. `once`: the service gave up on the query; services call
 * trouble of their database final too, so a second try is fair. `never`: the answer would be the same.
 */
export type Retry = 'again' | 'once' | 'never'

const TRY_LATER = 'try again later, or name another service with --mirror'

/** A fault of a service, as a sentence that names it. */
export class TapFault extends UserError {
  readonly retry: Retry
  /** How long the service asked to be left alone (Retry-After); 0 where it did not. */
  readonly waitSeconds: number
  /** Of HTTP; undefined where the fault is another. */
  readonly status: number | undefined

  constructor(found: string, retry: Retry, todo = TRY_LATER, waitSeconds = 0, status?: number) {
    super(found, todo)
    this.name = 'TapFault'
    this.retry = retry
    this.waitSeconds = waitSeconds
    this.status = status
  }

  /** The same fault with another rule. */
  with(change: { retry?: Retry; waitSeconds?: number; status?: number }): TapFault {
    const { retry, waitSeconds, status } = { ...this, ...change }
    return new TapFault(this.message, retry, this.todo, waitSeconds, status)
  }
}

/** Codes under which Node reports a connection that can never succeed as it is. */
const HOPELESS = /^(ENOTFOUND|ERR_INVALID_URL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SSL)/

const IN_WORDS: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was broken off',
  ENOTFOUND: 'no such host is known here (is the machine online?)',
  EAI_AGAIN: 'the name of the host could not be looked up (is the machine online?)',
  ENETUNREACH: 'the network cannot be reached (is the machine online?)',
  EHOSTUNREACH: 'the host cannot be reached',
  ETIMEDOUT: 'the connection could not be made in time',
  UND_ERR_CONNECT_TIMEOUT: 'the connection could not be made in time',
  UND_ERR_SOCKET: 'the connection was broken off',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer was cut short',
}

/** What `fetch`, or reading its body, threw, as a fault; Cancelled where the caller's signal fired. */
export function faultOf(error: unknown, service: string, signal: AbortSignal | undefined): Error {
  if (signal?.aborted) return new Cancelled()
  if (error instanceof UserError || !(error instanceof Error)) return error as Error
  const codes: string[] = []
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== undefined) codes.push(code)
    // Both addresses of a host (IPv4 and IPv6) were tried.
    if (cause instanceof AggregateError) codes.push(...cause.errors.map((each) => String(each.code)))
  }
  const isNetwork = error instanceof TypeError || codes.some((code) => code.startsWith('Z_'))
  if (!isNetwork) return error
  if (codes.some((code) => code.startsWith('Z_'))) {
    return new TapFault(`${service}: the answer cannot be unpacked (${error.message})`, 'again')
  }
  const words = codes.map((code) => IN_WORDS[code]).find((each) => each !== undefined)
  // Node says why only in the cause: `fetch failed` because of a `bad port`.
  const cause = error.cause instanceof Error && error.cause.message !== '' ? `: ${error.cause.message}` : ''
  const why = words ?? `${error.message}${codes[0] ? ` (${codes[0]})` : cause}`
  return new TapFault(`${service}: ${why}`, codes.some((code) => HOPELESS.test(code)) ? 'never' : 'again')
}
