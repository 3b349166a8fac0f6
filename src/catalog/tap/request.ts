// One HTTP request to a service, with limits on every wait; its answer as a stream of bytes.
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { Cancelled, throwIfCancelled } from '../../errors.ts'
import type { Endpoint } from './endpoint.ts'
import { messageIn } from './error-text.ts'
import { faultOf, TapFault } from './faults.ts'

export interface Asked {
  /** Absolute. */
  url: string
  method?: 'GET' | 'POST' | 'DELETE'
  /** Sent as the body of a form. */
  form?: Record<string, string>
  /** Until the answer begins. */
  answerSeconds?: number
  signal?: AbortSignal | undefined
}

export interface Answer {
  status: number
  /** Where a redirection leads to, absolute; null where the answer is none. */
  location: string | null
  contentType: string
  /** Unpacked. Throws TapFault where nothing comes for too long, or less than was announced. */
  body: AsyncIterable<Uint8Array>
}

const MOST_TEXT_BYTES = 1 << 20

/**
 * Asks, and returns an answer of success (2xx) or redirection (3xx, not followed).
 * @throws TapFault, also for answers of refusal; Cancelled
 */
export async function ask(service: Endpoint, asked: Asked): Promise<Answer> {
  const { signal } = asked
  await service.pace(signal)
  const limit = new AbortController()
  const url = new URL(asked.url)
  const seconds = asked.answerSeconds ?? service.settings.answerSeconds
  const timer = setTimeout(() => {
    limit.abort(new TapFault(`${service.name}: no answer within ${seconds} s from ${url.href}`, 'again'))
  }, seconds * 1000)
  try {
    const response = await fetch(url, {
      method: asked.method ?? (asked.form ? 'POST' : 'GET'),
      ...(asked.form && { body: new URLSearchParams(asked.form) }),
      headers: { 'User-Agent': service.agent },
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal,
    })
    const location = response.headers.get('location')
    const answer: Answer = {
      status: response.status,
      location: location === null ? null : new URL(location, url).href,
      contentType: response.headers.get('content-type') ?? '',
      body: unpacked(piecesOf(response, service, limit, signal), service, signal),
    }
    if (response.status >= 400) throw await refusalOf(answer, service, url, response.headers)
    return answer
  } catch (error) {
    throw faultOf(error, service.name, signal)
  } finally {
    clearTimeout(timer)
  }
}

const MOST_REDIRECTIONS = 5

/** Like `ask`, but goes on to where redirections lead: results may lie on another host. */
export async function askThrough(service: Endpoint, asked: Asked): Promise<Answer> {
  let url = asked.url
  for (let n = 0; n <= MOST_REDIRECTIONS; n++) {
    const answer = await ask(service, { ...asked, url })
    if (answer.status < 300) return answer
    await discard(answer)
    if (answer.location === null) break
    url = answer.location
  }
  throw endlessRedirection(service, asked.url)
}

/**
 * Like `ask`, but asks again, with its form, where the address itself has moved: from http to https, or by a slash at the
 * end. Any other redirection is the service's answer, and is not followed.
 */
export async function send(service: Endpoint, asked: Asked): Promise<Answer> {
  let { url } = asked
  for (let n = 0; n <= MOST_REDIRECTIONS; n++) {
    const answer = await ask(service, { ...asked, url })
    const { location, status } = answer
    if (location === null) return answer
    const hasMoved = status === 307 || status === 308 || lastName(location) === lastName(url)
    if (!hasMoved) return answer
    await discard(answer)
    url = location
  }
  throw endlessRedirection(service, asked.url)
}

function lastName(url: string): string {
  return new URL(url).pathname.replace(/\/+$/, '').replace(/^.*\//, '')
}

function endlessRedirection(service: Endpoint, url: string): TapFault {
  return new TapFault(`${service.name}: ${url} leads from one address to the next without end`, 'never')
}

/** The body as text, cut at 1 MB: for small documents and messages. */
export async function textOf(answer: Answer): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of answer.body) {
    text += decoder.decode(piece, { stream: true })
    if (text.length > MOST_TEXT_BYTES) break
  }
  return text
}

/** Ends an answer whose body is of no interest, so that its connection is free again. */
export async function discard(answer: Answer): Promise<void> {
  await textOf(answer).catch((error) => {
    if (error instanceof Cancelled) throw error
  })
}

async function* piecesOf(
  response: Response,
  service: Endpoint,
  limit: AbortController,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (response.body === null) return
  const reader = response.body.getReader()
  const { idleSeconds } = service.settings
  let bytes = 0
  try {
    for (;;) {
      throwIfCancelled(signal)
      const timer = setTimeout(() => {
        const where = `after ${bytes} bytes of the answer from ${response.url}`
        limit.abort(new TapFault(`${service.name}: nothing came for ${idleSeconds} s ${where}`, 'again'))
      }, idleSeconds * 1000)
      const { done, value } = await reader.read().finally(() => clearTimeout(timer))
      if (done) return
      bytes += value.length
      yield value
    }
  } catch (error) {
    throw faultOf(error, service.name, signal)
  } finally {
    // Whoever stops reading early leaves no connection behind.
    await reader.cancel().catch(() => {})
  }
}

/** Some services send files that are packed without saying so in the header: their first two bytes tell. */
async function* unpacked(
  pieces: AsyncGenerator<Uint8Array>,
  service: Endpoint,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const first = await pieces.next()
  if (first.done) return
  const again = (async function* () {
    yield first.value
    yield* pieces
  })()
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield* again
    return
  }
  const gunzip = createGunzip()
  const feeding = pipeline(again, gunzip)
  feeding.catch(() => {}) // what fails there, reading fails with as well
  try {
    yield* gunzip
    await feeding
  } catch (error) {
    throw faultOf(error, service.name, signal)
  } finally {
    gunzip.destroy()
  }
}

/** Answers of a busy or broken server, where asking again helps. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504])

async function refusalOf(answer: Answer, service: Endpoint, url: URL, headers: Headers): Promise<TapFault> {
  const text = await textOf(answer).catch(() => '')
  const said = messageIn(text)
  const found = `${service.name} answered ${url.pathname} with HTTP ${answer.status}`
  // A message in the form of TAP comes from the service itself, not from a server in front of it: it is about the query.
  const isOfService = /QUERY_STATUS/.test(text)
  const isPassing = PASSING.has(answer.status)
  const retry = !isPassing ? 'never' : isOfService && answer.status === 500 ? 'once' : 'again'
  const fault = new TapFault(said === '' ? found : `${found}: ${said}`, retry)
  return fault.with({ status: answer.status, waitSeconds: retryAfterSeconds(headers.get('retry-after')) })
}

/** Retry-After: seconds, or a date (RFC 9110, section 10.2.3). */
function retryAfterSeconds(value: string | null): number {
  if (value === null) return 0
  if (/^\d+$/.test(value.trim())) return Number(value)
  const at = Date.parse(value)
  return Number.isNaN(at) ? 0 : Math.max(0, (at - Date.now()) / 1000)
}
