// Faults injected between the client and a real TAP server: one that passes is survived, one that lasts is named, and
// nothing partial is ever taken for the whole.
import { describe, expect, test } from 'vitest'
import { chooseMirrors } from '../../../src/catalog/tap/mirrors.ts'
import { type OpenGaia, openGaia } from '../../../src/catalog/tap/open.ts'
import { UserError } from '../../../src/errors.ts'
import { startDachs } from '../../tap/dachs.ts'
import * as fault from '../../tap/faults.ts'
import { type Rule, startProxy, type Proxy as TapProxy } from '../../tap/proxy.ts'
import { QUICK } from '../../tap/settings.ts'
import { readTruth } from './gaia-dr2.ts'

const url = await startDachs()
const truth = url === undefined ? [] : readTruth().ids.slice(100, 401)
const RANGE = { firstId: truth[0] ?? 0n, lastId: truth.at(-1) ?? 0n, limitMag: null }
const ATTEMPTS = 2

interface Trial {
  proxy: TapProxy
  gaia: Awaited<ReturnType<typeof openGaia>>
  /** What the client said that it was doing. */
  said: string[]
  fetch(): Promise<bigint[]>
}

/** Opens the service, and lets the faults begin only then. */
async function trial(
  rules: Rule[],
  settings: OpenGaia['settings'] = {},
  next: TapProxy[] = [],
): Promise<Trial> {
  const proxy = await startProxy(url!)
  const said: string[] = []
  const onStep = (text: string) => said.push(text)
  const gaia = await openGaia({
    release: 'gaia-dr2',
    mirrors: [proxy, ...next].flatMap((each) => chooseMirrors(each.url)),
    version: '1.2.3',
    format: 'votable/td',
    settings: { ...QUICK, attempts: ATTEMPTS, ...settings },
  })
  proxy.arrange(...rules)
  const fetch = async () => [...(await gaia.fetchRange(RANGE, { onStep })).columns.source_id]
  return { proxy, gaia, said, fetch }
}

const made = ({ proxy }: Trial) => proxy.steps().filter((step) => step === 'make').length
const deleted = ({ proxy }: Trial) => proxy.steps().filter((step) => step === 'delete').length

interface Passing {
  rules: Rule[]
  /** What the client says of each. */
  says: RegExp[]
  /** Jobs made in all. */
  jobs: number
  settings?: OpenGaia['settings']
}

const once = (on: Rule['on'], ...what: Rule['fault'][]): Rule[] =>
  what.map((fault) => ({ on, fault, times: 1 }))

/** Shorter limits, where waiting for them is the point; and patience for one fault after the other. */
const IMPATIENT = { answerSeconds: 5, idleSeconds: 1, syncSeconds: 5, attempts: 10 }

async function survives({ rules, says, jobs, settings }: Passing): Promise<void> {
  const run = await trial(rules, settings)
  expect(await run.fetch()).toEqual(truth)
  for (const each of says) expect(run.said.join('\n')).toMatch(each)
  expect(made(run)).toBe(jobs)
  if (!rules.some(({ on }) => on === 'make')) expect(deleted(run)).toBe(jobs)
  await run.proxy.shut()
}

// biome-ignore format: a table
const OF_THE_QUERY: [string, Rule[], RegExp][] = [
  ['a table that the service cut off', once('result', fault.overflow), /cut the table off at 301 of 301 rows \(OVERFLOW\)/],
  ['a row that is there twice, in place of another', once('result', fault.rowTwice), /sent the star \d{19} twice/],
  ['a count that is wrong', once('sync', fault.count('300')), /cut the table off at 301 of 300 rows/],
  ['a job that failed', once('look', fault.phase('ERROR', 'disk full')), /could not run the query: disk full/],
  ['a job that was ended', once('look', fault.phase('ABORTED')), /before it was done \(ABORTED\)/],
]

// biome-ignore format: a table
const OF_COUNTS: [string, Rule[], RegExp][] = [
  ['is never answered', once('sync', fault.hangs), /no answer within 5 s/],
  ['meets a server that is down', once('sync', fault.unavailable()), /HTTP 503: Down for maintenance/],
  ['is no number', once('sync', fault.count('')), /something else than a number/],
]

describe.skipIf(url === undefined)('a fault that passes', () => {
  test('costs one more request where the job goes on: looks at it, and its table', () =>
    survives({
      rules: [
        ...once('look', fault.hangs, fault.says(429, 'text/plain', 'slower, please'), fault.webPage),
        ...once('result', fault.hangsInBody, fault.cutShort, fault.cutCleanly, fault.packedAndCut),
        ...once('result', fault.otherXml, fault.webPage),
      ],
      says: [
        /no answer within 5 s from .*; trying again in 1 s/,
        /HTTP 429: slower, please/,
        /something else than the state of the job: Please log in/,
        /nothing came for 1 s after \d+ bytes/,
        /broken off|cut short|terminated/,
        /not well-formed XML/,
        /cannot be unpacked/,
        /without a table/,
        /a web page in place of a table: Please log in/,
      ],
      jobs: 1,
      settings: IMPATIENT,
    }))

  test('costs another job where that was lost, or what it sent', () =>
    survives({
      rules: [
        ...once('make', fault.hangs),
        ...once('run', fault.breaksOff),
        ...once('look', fault.phase('ERROR', 'database is restarting', 'transient'), fault.notFound),
        ...once('result', fault.notFound, fault.rowLost),
      ],
      says: [
        /no answer within 5 s/,
        /broken off/,
        /database is restarting; trying again/,
        /the job vanished.*\n(.*\n)*.*the job vanished/,
        /counted 301 stars, and sent 300/,
      ],
      jobs: 7,
      settings: IMPATIENT,
    }))

  test.each(OF_THE_QUERY)('%s is given a second chance', (_, rules, says) =>
    survives({ rules, says: [says], jobs: 2 }),
  )

  test.each(OF_COUNTS)('a count that %s is made by a job', async (_, rules, says) => {
    const run = await trial(rules, IMPATIENT)
    const onStep = (text: string) => run.said.push(text)
    expect(await run.gaia.countRange(RANGE, { onStep })).toBe(truth.length)
    expect(run.said.join('\n')).toMatch(says)
    expect(made(run)).toBe(1)
    await run.proxy.shut()
  })

  test('a refused connection is tried again', async () => {
    // A connection that was kept open may break off first, before the next is refused.
    const run = await trial([], { attempts: 10 })
    await run.proxy.shut()
    let reopened = false
    const onStep = (text: string) => {
      if (reopened || !/the connection was refused; trying again/.test(text)) return
      reopened = true
      void run.proxy.open()
    }
    const stars = await run.gaia.fetchRange(RANGE, { onStep, count: truth.length })
    expect([...stars.columns.source_id]).toEqual(truth)
    expect(reopened).toBe(true)
    await run.proxy.shut()
  })

  test('a service that names a time to come back (Retry-After) is left alone until then', async () => {
    const run = await trial(once('make', fault.unavailable('1')))
    expect(await run.fetch()).toEqual(truth)
    const refused = run.proxy.seen.findIndex(({ step }) => step === 'make')
    const gapMs = run.proxy.seen[refused + 1]!.at - run.proxy.seen[refused]!.at
    expect(gapMs).toBeGreaterThan(990)
    await run.proxy.shut()
  })

  test('a service that wants to be left alone for an hour is given up at once', async () => {
    const run = await trial([{ on: 'make', fault: fault.unavailable('3600') }])
    await expect(run.fetch()).rejects.toThrow(/HTTP 503/)
    expect(made(run)).toBe(1)
    await run.proxy.shut()
  })
})

describe.skipIf(url === undefined)('what is no fault', () => {
  test('a table that lies elsewhere, packed without a word, is fetched from there', async () => {
    const run = await trial([])
    run.proxy.arrange({
      on: 'result',
      times: 1,
      fault: async (response, upstream) => {
        const job = run.proxy.seen.at(-1)!.path
        return fault.leadsTo(job.replace('/results/result', '/results/result?moved=1'))(response, upstream)
      },
    })
    run.proxy.arrange({ on: 'result', fault: fault.packed })
    expect(await run.fetch()).toEqual(truth)
    expect(run.proxy.seen.some(({ path }) => path.includes('moved=1'))).toBe(true)
    await run.proxy.shut()
  })

  test('a service that has moved gets the form where it is now', async () => {
    const run = await trial([])
    const moves: Rule['fault'] = (response, upstream) => {
      const { step, path } = run.proxy.seen.at(-1)!
      return fault.leadsTo(`${path.replace(/\?.*/, '')}?moved=${step}`, 301)(response, upstream)
    }
    const steps = ['sync', 'make', 'run', 'delete'] as const
    run.proxy.arrange(...steps.flatMap((step) => once(step, moves)))
    expect(await run.fetch()).toEqual(truth)
    // DaCHS goes on to put what was asked (?moved=make) into the addresses of the job: that stays.
    const answered = steps.map((each) => run.proxy.seen.findLast(({ step }) => step === each)!.path)
    expect(answered.map((path) => path.replace(/.*\?/, ''))).toEqual(steps.map((step) => `moved=${step}`))
    expect(made(run)).toBe(2)
    await run.proxy.shut()
  })

  test.each<[string, Rule[]]>([
    ['is held', once('look', fault.phase('HELD'))],
    ['stays pending', []],
  ])('a job that %s is started once more', async (_, rules) => {
    const run = await trial(rules)
    // The service takes the first order to run, but does not follow it.
    run.proxy.arrange({ on: 'run', fault: fault.leadsTo('/tap/async'), times: 1 })
    expect(await run.fetch()).toEqual(truth)
    expect(run.proxy.steps().filter((step) => step === 'run')).toHaveLength(2)
    await run.proxy.shut()
  })
})

const LASTING: [string, Rule, RegExp][] = [
  ['HTTP 503', { on: 'make', fault: fault.unavailable() }, /HTTP 503: Down for maintenance/],
  ['a table that is cut short', { on: 'result', fault: fault.cutCleanly }, /not well-formed XML/],
  ['a limit of rows', { on: 'result', fault: fault.overflow }, /cut the table off at 301 of 301 rows/],
  ['a row that is lost', { on: 'result', fault: fault.rowLost }, /counted 301 stars, and sent 300/],
  ['a job that fails', { on: 'look', fault: fault.phase('ERROR', 'no such column') }, /no such column/],
  [
    'a refused query',
    { on: 'make', fault: fault.adqlError('Encountered FROM') },
    /HTTP 400: Encountered FROM/,
  ],
]

describe.skipIf(url === undefined)('a fault that lasts', () => {
  test.each(LASTING)('%s is named with its service, and what to do', async (_, rule, message) => {
    const run = await trial([rule])
    const error = await run.fetch().catch((each) => each)
    expect(error).toBeInstanceOf(UserError)
    expect(error.message).toMatch(message)
    expect(error.message).toContain(run.proxy.url)
    expect(error.todo).toMatch(/--mirror/)
    expect(made(run)).toBeLessThanOrEqual(2 * ATTEMPTS)
    await run.proxy.shut()
  })

  test.each(LASTING.slice(3))('%s sends the client to the next mirror', async (_, rule) => {
    const next = await startProxy(url!)
    const run = await trial([rule], {}, [next])
    expect(run.gaia.name).toBe(run.proxy.url)
    expect(await run.fetch()).toEqual(truth)
    expect(run.gaia.name).toBe(next.url)
    expect(run.said.join('\n')).toContain(`going on with ${next.url}`)
    await Promise.all([run.proxy.shut(), next.shut()])
  })

  test('a job that never ends is given up and deleted', async () => {
    const run = await trial([{ on: 'look', fault: fault.phase('EXECUTING') }], { jobSeconds: 1 })
    await expect(run.fetch()).rejects.toThrow(/still executing after \d s/)
    expect([made(run), deleted(run)]).toEqual([2, 2])
    await run.proxy.shut()
  })

  test('mirrors that all fail are named, each with its reason', async () => {
    const [one, other] = [await startProxy(url!), await startProxy(url!)]
    await one.shut()
    other.arrange({ on: 'sync', fault: fault.adqlError('no table gaiadr2.gaia_source') })
    other.arrange({ on: 'make', fault: fault.unavailable() })
    const opening = openGaia({
      release: 'gaia-dr2',
      mirrors: [one, other].flatMap((each) => chooseMirrors(each.url)),
      version: '1.2.3',
      settings: QUICK,
    })
    const error = await opening.catch((each) => each)
    expect(error).toBeInstanceOf(UserError)
    expect(error.message).toContain(`${one.url}: the connection was refused; ${other.url} answered`)
    expect(error.message).toMatch(/HTTP 400: no table gaiadr2\.gaia_source$/)
    await other.shut()
  })
})
