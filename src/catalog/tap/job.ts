// A job of a service (IVOA UWS): made, started, waited for, and deleted whatever becomes of it.
import { Cancelled } from '../../errors.ts'
import type { Endpoint } from './endpoint.ts'
import { messageIn } from './error-text.ts'
import { TapFault } from './faults.ts'
import { type JobDocument, readJobDocument } from './job-document.ts'
import { askThrough, discard, send, textOf } from './request.ts'
import { withRetries } from './retry.ts'
import { sleep } from './waits.ts'

export interface JobWaits {
  signal?: AbortSignal | undefined
  onStep?: ((text: string) => void) | undefined
}

/**
 * Runs a job with these parameters, hands the address of the completed job to `use`, and deletes the job: also after a
 * failure and after Ctrl-C.
 * @throws TapFault: not made, failed, aborted, vanished, or too slow; Cancelled
 */
export async function withJob<T>(
  service: Endpoint,
  form: Record<string, string>,
  waits: JobWaits,
  use: (jobUrl: string) => Promise<T>,
): Promise<T> {
  const job = await makeJob(service, form, waits)
  try {
    await start(service, job, waits)
    await untilCompleted(service, job, waits)
    return await use(job)
  } catch (error) {
    if (!(error instanceof TapFault) || (error.status !== 404 && error.status !== 410)) throw error
    throw new TapFault(`${service.name}: the job vanished while it ran (${error.message})`, 'again')
  } finally {
    await deleteJob(service, job)
  }
}

/** Started only in a step of its own: were the answer to this request lost, a job would be left that never runs. */
async function makeJob(service: Endpoint, form: Record<string, string>, waits: JobWaits): Promise<string> {
  const answer = await send(service, { url: `${service.url}/async`, form, signal: waits.signal })
  await discard(answer)
  if (answer.location !== null) return answer.location
  throw new TapFault(
    `${service.name}: ${service.url}/async took the query but did not say where its job is`,
    'never',
    'give the address of a TAP service, as https://gea.esac.esa.int/tap-server/tap',
  )
}

/** The address of a part of a job; what the address of the job asks for (?…) stays. */
export function partOf(job: string, path: string): string {
  const url = new URL(job)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`
  return url.href
}

function lookUrl(job: string, waitSeconds: number): string {
  const url = new URL(job)
  if (waitSeconds > 0) url.searchParams.set('WAIT', String(waitSeconds))
  return url.href
}

async function start(service: Endpoint, job: string, { signal }: JobWaits): Promise<void> {
  await discard(await send(service, { url: partOf(job, 'phase'), form: { PHASE: 'RUN' }, signal }))
}

async function untilCompleted(service: Endpoint, job: string, waits: JobWaits): Promise<void> {
  const { settings } = service
  const begun = performance.now()
  let pauseSeconds = settings.firstLookSeconds
  let shown = ''
  let isStartedAgain = false
  for (;;) {
    const lookedAt = performance.now()
    const document = await lookAt(service, job, waits)
    const { phase } = document
    const isStill = phase === shown
    if (!isStill) waits.onStep?.(`${service.name}: the query is ${phase.toLowerCase()}`)
    shown = phase
    if (phase === 'COMPLETED') return
    await throwIfEnded(service, job, document, waits)
    // HELD asks for another start; a job that stays PENDING has not heard the first.
    if (!isStartedAgain && (phase === 'HELD' || (phase === 'PENDING' && isStill))) {
      isStartedAgain = true
      await start(service, job, waits)
    }
    const seconds = (performance.now() - begun) / 1000
    if (seconds > settings.jobSeconds) {
      throw new TapFault(
        `${service.name}: the query was still ${phase.toLowerCase()} after ${Math.round(seconds)} s`,
        'once',
      )
    }
    // A service that knows WAIT has held its answer back already.
    await sleep(Math.max(0, pauseSeconds - (performance.now() - lookedAt) / 1000), waits.signal)
    pauseSeconds = Math.min(2 * pauseSeconds, settings.longestLookSeconds)
  }
}

/** One answer that is lost or garbled is no reason to give up a job that runs. */
function lookAt(service: Endpoint, job: string, waits: JobWaits): Promise<JobDocument> {
  const { settings } = service
  const look = async () => {
    const answer = await askThrough(service, {
      url: lookUrl(job, settings.waitSeconds),
      answerSeconds: settings.waitSeconds + settings.answerSeconds,
      signal: waits.signal,
    })
    const text = await textOf(answer)
    const document = readJobDocument(text)
    if (document) return document
    const said = messageIn(text)
    throw new TapFault(
      `${service.name} sent something else than the state of the job${said && `: ${said}`}`,
      'again',
    )
  }
  return withRetries(look, { ...waits, settings, attempts: settings.attempts, question: job })
}

async function throwIfEnded(
  service: Endpoint,
  job: string,
  { phase, message, isTransient }: JobDocument,
  { signal }: JobWaits,
): Promise<void> {
  if (phase === 'ERROR') {
    const said = message || (await errorOf(service, job, signal))
    throw new TapFault(
      `${service.name} could not run the query: ${said || 'it gave no reason'}`,
      isTransient ? 'again' : 'once',
    )
  }
  if (phase === 'ABORTED' || phase === 'ARCHIVED') {
    const why = message && `: ${message}`
    throw new TapFault(`${service.name} ended the query before it was done (${phase})${why}`, 'once')
  }
}

async function errorOf(service: Endpoint, job: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    return messageIn(await textOf(await askThrough(service, { url: partOf(job, 'error'), signal })))
  } catch (error) {
    if (error instanceof TapFault) return ''
    throw error
  }
}

/** Not stopped by Ctrl-C, which is when it matters most; what fails here, the service clears up by itself in days. */
async function deleteJob(service: Endpoint, job: string): Promise<void> {
  const signal = AbortSignal.timeout(service.settings.deleteSeconds * 1000)
  const ways = [{ method: 'DELETE' as const }, { form: { ACTION: 'DELETE' } }]
  for (const way of ways) {
    try {
      await discard(await send(service, { url: job, ...way, signal }))
      return
    } catch (error) {
      if (error instanceof Cancelled) return
      if (!(error instanceof TapFault)) throw error
      // Servers that do not know DELETE answer 405 or 501; any other refusal is final.
      if (error.status !== 405 && error.status !== 501 && error.status !== 400) return
    }
  }
}
