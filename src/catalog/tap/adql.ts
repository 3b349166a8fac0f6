// Runs ADQL on a TAP service (IVOA TAP 1.0 and 1.1), as a job or in one request, and reads the table that comes back.
import { Cancelled, UserError } from '../../errors.ts'
import type { ChooseKinds, ColumnTable } from '../../formats/columntable.ts'
import { readVotable } from '../../formats/votable.ts'
import type { Endpoint } from './endpoint.ts'
import { messageIn } from './error-text.ts'
import { TapFault } from './faults.ts'
import { type JobWaits, partOf, withJob } from './job.ts'
import { type Answer, askThrough, discard, send, textOf } from './request.ts'
import { withRetries } from './retry.ts'

export interface Query extends JobWaits {
  adql: string
  /** Rows after which the service may stop, saying so (OVERFLOW). Always given: services have limits of their own. */
  maxRec: number
  /** What to read of each column; throws where the columns are not those asked for. */
  choose: ChooseKinds
  /** As the service names it; `votable` is known to all (TAP 1.1, section 2.7.5). */
  format?: string | undefined
}

export interface QueryResult {
  table: ColumnTable
  /** The service cut the table off. */
  overflow: boolean
}

function formOf({ adql, maxRec, format = 'votable' }: Query): Record<string, string> {
  // FORMAT is TAP 1.0, RESPONSEFORMAT is TAP 1.1.
  return {
    REQUEST: 'doQuery',
    LANG: 'ADQL',
    MAXREC: String(maxRec),
    FORMAT: format,
    RESPONSEFORMAT: format,
    QUERY: adql,
  }
}

/**
 * As a job: for anything that may take long. A table that breaks off is read again; the query is not run again for that.
 * @throws TapFault, Cancelled
 */
export async function runAdql(service: Endpoint, query: Query): Promise<QueryResult> {
  const { settings } = service
  return await withJob(service, formOf(query), query, async (job) => {
    const read = async () => {
      const asked = { url: partOf(job, 'results/result'), signal: query.signal }
      return await readAnswer(service, await askThrough(service, asked), query)
    }
    try {
      return await withRetries(read, { ...query, settings, attempts: settings.attempts, question: job })
    } catch (error) {
      // Read several times in vain: another job may have better luck, but not many.
      throw error instanceof TapFault && error.retry === 'again' ? error.with({ retry: 'once' }) : error
    }
  })
}

/**
 * In one request: for small questions. Services stop these after a minute or two.
 * @throws TapFault, Cancelled
 */
export async function runAdqlSync(service: Endpoint, query: Query): Promise<QueryResult> {
  const { signal } = query
  const first = await send(service, {
    url: `${service.url}/sync`,
    form: formOf(query),
    answerSeconds: service.settings.syncSeconds,
    signal,
  })
  if (first.location === null) return await readAnswer(service, first, query)
  await discard(first)
  return await readAnswer(service, await askThrough(service, { url: first.location, signal }), query)
}

async function readAnswer(service: Endpoint, answer: Answer, query: Query): Promise<QueryResult> {
  const { name } = service
  if (/\bhtml\b/i.test(answer.contentType)) {
    const said = messageIn(await textOf(answer))
    throw new TapFault(`${name} sent a web page in place of a table${said && `: ${said}`}`, 'again')
  }
  try {
    const table = await readVotable(answer.body, `the table of ${name}`, query.choose, query.signal)
    return { table, overflow: table.remarks.some((remark) => /QUERY_STATUS\W+OVERFLOW/i.test(remark)) }
  } catch (error) {
    if (error instanceof TapFault || error instanceof Cancelled || !(error instanceof UserError)) throw error
    // The service's own words are about the query; anything else is a table that was damaged on its way.
    const said = /error message of a catalogue service: (.*)$/s.exec(error.message)?.[1]
    if (said !== undefined) throw new TapFault(`${name} could not run the query: ${said}`, 'once')
    throw new TapFault(error.message, 'again')
  }
}
