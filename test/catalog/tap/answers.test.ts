// What services answer, piece by piece: messages, job documents, tables of stars; and how long is waited between tries.
import { describe, expect, test } from 'vitest'
import { endpointOf } from '../../../src/catalog/tap/endpoint.ts'
import { messageIn } from '../../../src/catalog/tap/error-text.ts'
import { TapFault } from '../../../src/catalog/tap/faults.ts'
import { plainName } from '../../../src/catalog/tap/gaia-table.ts'
import { readJobDocument } from '../../../src/catalog/tap/job-document.ts'
import { withRetries } from '../../../src/catalog/tap/retry.ts'
import { TAP_SETTINGS } from '../../../src/catalog/tap/settings.ts'
import { starsOf } from '../../../src/catalog/tap/stars-of.ts'
import { backOffSeconds, sleep } from '../../../src/catalog/tap/waits.ts'
import { Cancelled } from '../../../src/errors.ts'

test.each([
  [
    'a VOTable',
    '<VOTABLE><RESOURCE><INFO name="QUERY_STATUS" value="ERROR">Column &quot;raa&quot;\n not&#32;found</INFO></RESOURCE></VOTABLE>',
    'Column "raa" not found',
  ],
  [
    'a VOTable with a prefix',
    '<v:VOTABLE><v:INFO value="ERROR" name="QUERY_STATUS">no</v:INFO></v:VOTABLE>',
    'no',
  ],
  [
    'a web page',
    '<!DOCTYPE html><html><head><title>502 Bad\nGateway</title></head><body>x</body></html>',
    '502 Bad Gateway',
  ],
  [
    'a page without a title',
    '<html><style>p { color: red }</style><body><p>Too&nbsp;many users</p></body></html>',
    'Too many users',
  ],
  ['plain text', '  Cannot parse query \n', 'Cannot parse query'],
  ['nothing', '', ''],
  ['a long text', 'x'.repeat(1000), `${'x'.repeat(300)} …`],
])('the message in %s is found', (_, text, message) => {
  expect(messageIn(text)).toBe(message)
})

describe('job documents', () => {
  const job = (inner: string, prefix = 'uws:') =>
    `<?xml version="1.0"?><${prefix}job xmlns:uws="u"><${prefix}jobId>7</${prefix}jobId>${inner}</${prefix}job>`

  test('tell the phase, with or without a prefix', () => {
    expect(readJobDocument(job('<uws:phase> executing </uws:phase>'))?.phase).toBe('EXECUTING')
    expect(readJobDocument(job('<phase>COMPLETED</phase>', ''))?.phase).toBe('COMPLETED')
  })

  test('tell why a job failed, and whether that passes', () => {
    const summary = (type: string) =>
      job(
        `<uws:phase>ERROR</uws:phase><uws:errorSummary type="${type}"><uws:message>out of\n memory</uws:message></uws:errorSummary>`,
      )
    expect(readJobDocument(summary('transient'))).toEqual({
      phase: 'ERROR',
      message: 'out of memory',
      isTransient: true,
    })
    expect(readJobDocument(summary('fatal'))?.isTransient).toBe(false)
  })

  test.each([
    ['a web page', '<html><body>phase</body></html>'],
    ['an unknown phase', job('<uws:phase>DANCING</uws:phase>')],
    ['no phase', job('')],
    ['half a document', job('<uws:phase>COMPLETED</uws:phase>').slice(0, -9)],
    ['plain text', 'COMPLETED'],
    ['nothing', ''],
  ])('are not taken from %s', (_, text) => {
    expect(readJobDocument(text)).toBeUndefined()
  })
})

describe('stars', () => {
  const columns = (['source_id', 'ra', 'dec', 'phot_g_mean_mag', 'astrometric_params_solved'] as const).map(
    (name) => ({ name }),
  )
  const range = { firstId: 10n, lastId: 20n, limitMag: 18.1 }
  const table = (ids: bigint[], changes: Record<number, number[]> = {}) => ({
    fields: [],
    remarks: [],
    rows: ids.length,
    columns: [
      BigInt64Array.from(ids),
      ...[1, 2, 3, 4].map((i) =>
        Float64Array.from(changes[i] ?? ids.map((id) => Number(id) + (i === 3 ? 0.25 : 0))),
      ),
    ],
  })

  test('come in the order of their numbers, every column with its star', () => {
    const stars = starsOf(
      table([12n, 10n, 11n], { 4: [31, Number.NaN, 300] }),
      columns,
      { ...range, limitMag: null },
      'X',
    )
    expect([...stars.columns.source_id]).toEqual([10n, 11n, 12n])
    expect([...stars.columns.ra]).toEqual([10, 11, 12])
    expect([...stars.columns.phot_g_mean_mag]).toEqual([10.25, 11.25, 12.25])
    expect([...stars.columns.astrometric_params_solved]).toEqual([0, 255, 31])
    expect([...stars.columns.pmra]).toEqual([Number.NaN, Number.NaN, Number.NaN])
    expect(starsOf(table([]), columns, range, 'X').length).toBe(0)
  })

  test('as faint as the limit are within it, although G is a single real', () => {
    expect(starsOf(table([10n], { 3: [Math.fround(18.1)] }), columns, range, 'X').length).toBe(1)
  })

  test.each<[string, bigint[], Record<number, number[]>, RegExp]>([
    ['below the range', [9n], {}, /X sent a star numbered 9, outside of 10 to 20/],
    ['above the range', [21n], {}, /numbered 21/],
    ['whose number was lost', [0n], {}, /numbered 0/],
    ['twice', [11n, 12n, 11n], {}, /the star 11 twice/],
    ['without a place', [11n], { 1: [Number.NaN] }, /impossible place NaN/],
    ['beyond the pole', [11n], { 2: [91] }, /impossible place 11, 91/],
    ['fainter than the limit', [11n], { 3: [18.2] }, /fainter than 18.1/],
    ['of unknown magnitude', [11n], { 3: [Number.NaN] }, /magnitude NaN/],
  ])('%s are refused', (_, ids, changes, message) => {
    expect(() => starsOf(table(ids, changes), columns, range, 'X')).toThrow(message)
  })
})

test('names of columns agree whatever their quotes, case and signs', () => {
  expect(['"BP-RP"', 'bp_rp', 'BP RP'].map(plainName)).toEqual(['bp_rp', 'bp_rp', 'bp_rp'])
})

describe('waits', () => {
  test('grow with every failure, differ from question to question, and are the same on every run', () => {
    const waits = (question: string) => [1, 2, 3].map((n) => backOffSeconds(n, question, TAP_SETTINGS))
    expect(waits('a')).toEqual(waits('a'))
    expect(waits('a')).not.toEqual(waits('b'))
    for (const question of 'abcdefgh') {
      waits(question).forEach((seconds, n) => {
        const middle = TAP_SETTINGS.firstBackOffSeconds * 2 ** n
        expect(seconds).toBeGreaterThanOrEqual(0.5 * middle)
        expect(seconds).toBeLessThanOrEqual(1.5 * middle)
      })
    }
    expect(backOffSeconds(30, 'a', TAP_SETTINGS)).toBe(TAP_SETTINGS.longestBackOffSeconds)
  })

  test('end when the signal fires, before or during', async () => {
    const cancel = new AbortController()
    const waiting = sleep(3600, cancel.signal)
    cancel.abort()
    await expect(waiting).rejects.toThrow(Cancelled)
    await expect(sleep(3600, cancel.signal)).rejects.toThrow(Cancelled)
  })
})

test.each([
  ['again', 4],
  ['once', 2],
  ['never', 1],
] as const)('a fault to be tried "%s" is tried %i times in all', async (retry, tries) => {
  let tried = 0
  const settings = { ...TAP_SETTINGS, firstBackOffSeconds: 0 }
  const attempt = async () => {
    tried++
    throw new TapFault('X: no', retry)
  }
  await expect(withRetries(attempt, { settings, attempts: 4, question: '' })).rejects.toThrow('X: no')
  expect(tried).toBe(tries)
})

test('a bug is no fault, and is not tried again', async () => {
  let tried = 0
  const attempt = async () => {
    tried++
    throw new RangeError('bug')
  }
  await expect(withRetries(attempt, { settings: TAP_SETTINGS, attempts: 4, question: '' })).rejects.toThrow(
    'bug',
  )
  expect(tried).toBe(1)
})

test('a service is asked one thing at a time, whatever became of the thing before', async () => {
  const service = endpointOf('X', 'http://x/tap/', '1', { ...TAP_SETTINGS, gapSeconds: 0 })
  expect(service.url).toBe('http://x/tap')
  let busy = 0
  const use = async (n: number) => {
    expect(++busy).toBe(1)
    await sleep(0.01)
    busy--
    if (n === 1) throw new Error('failed')
    return n
  }
  const all = await Promise.allSettled([0, 1, 2].map((n) => service.inTurn(() => use(n))))
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('requests to a service keep their distance', async () => {
  const service = endpointOf('X', 'http://x/tap', '1', { ...TAP_SETTINGS, gapSeconds: 0.05 })
  const began = performance.now()
  await Promise.all([service.pace(), service.pace(), service.pace()])
  expect(performance.now() - began).toBeGreaterThan(95)
})
