// platepipe catalog index, the command: what it prints, and the mistakes that it names.
import { existsSync } from 'node:fs'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  type MockInstance,
  test,
  vi,
} from 'vitest'
import { catalogIndexCommand } from '../../../src/cli/catalog-index.ts'
import { UserError } from '../../../src/errors.ts'
import { M67_CSV, SKIPPED, storeOfFile, temporaryFolder } from './stores.ts'

const CONE = { raDeg: 132.82, decDeg: 11.8, radiusDeg: 0.7 }
const signal = new AbortController().signal

let root = ''
let remove = async () => {}
let printed: MockInstance
let told: MockInstance
beforeAll(async () => {
  ;({ root, remove } = await temporaryFolder())
  if (existsSync(M67_CSV)) await storeOfFile(root, M67_CSV, CONE)
})
afterAll(() => remove())
beforeEach(() => {
  printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterEach(() => vi.restoreAllMocks())

const textOf = (stream: MockInstance): string => stream.mock.calls.map(([text]) => String(text)).join('')
const field = { ra: '132.82', dec: '+11:48:00', radius: '0.3' }

describe.skipIf(!existsSync(M67_CSV))(`with the stars of M67 (${SKIPPED} otherwise)`, () => {
  const options = () => ({ catalog: root, release: 'gaia-dr3', epochs: ['1950-1960'], field: '2' })

  test('makes the indexes and lists them; again, they are there already', async () => {
    expect(await catalogIndexCommand({ ...options(), ...field }, signal)).toBe(0)
    const lines = textOf(printed).trimEnd().split('\n')
    expect(lines[0]).toBe(`${root}/gaia-dr3/indexes`)
    expect(lines[1]).toMatch(/^ {2}J19[56]0-8arcmin-\S+\.fits {2}J19[56]0, quads 8–16′, \d+ stars, /)
    expect(textOf(told)).toMatch(/\d indexes made, 0 there already/)
    const count = lines.length
    printed.mockClear()
    await catalogIndexCommand({ ...options(), ...field }, signal)
    expect(textOf(printed).trimEnd().split('\n')).toHaveLength(count)
    expect(textOf(told)).toMatch(/0 indexes made, \d there already/)
  })

  test('as JSON, with what was made', async () => {
    await catalogIndexCommand({ ...options(), ...field, json: true }, signal)
    const events = textOf(printed)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const result = events.at(-1)
    expect(result).toMatchObject({ event: 'result', folder: `${root}/gaia-dr3/indexes`, built: [] })
    expect(result.kept[0]).toMatchObject({ release: 'gaia-dr3', program_version: expect.any(String) })
    expect(result.kept[0].command).toBeUndefined()
  })

  test('a field half outside the store gets a warning, one wholly outside is refused', async () => {
    await catalogIndexCommand({ ...options(), ...field, ra: '133.5', epochs: '1950' }, signal)
    expect(textOf(told)).toMatch(/warning: the store covers \d\d % of the field/)
    const outside = catalogIndexCommand({ ...options(), ...field, ra: '10' }, signal)
    await expect(outside).rejects.toThrow('has no stars of gaia-dr3 within 0.3° of 10.0000')
  })

  test('a store that is too shallow for small quads is told, one that is deep enough is not', async () => {
    const small = { ...options(), ...field, epochs: '1950', field: '0.5' }
    await catalogIndexCommand({ ...small, limitMag: '13' }, signal)
    expect(textOf(told)).toMatch(
      /quads of 2–4′ at J1950: 0\.\d stars in a cell of 2′ to G = 13\.0, and 10 are wanted/,
    )
    told.mockClear()
    await catalogIndexCommand(small, signal)
    expect(textOf(told)).not.toContain('warning')
  })

  test('a release that the store has not is refused, and those that it has are named', async () => {
    const error = await catalogIndexCommand({ ...options(), ...field, release: 'gaia-dr2' }, signal).catch(
      (e) => e,
    )
    expect(error).toBeInstanceOf(UserError)
    expect([error.message, error.todo]).toEqual([
      `there is no store of gaia-dr2 in ${root}`,
      'it holds gaia-dr3: choose with --release',
    ])
  })

  test('where no quad has room, no index can be made', async () => {
    const tiny = { ...options(), ...field, radius: '0.002', limitMag: '7', field: '0.1' }
    await expect(catalogIndexCommand(tiny, signal)).rejects.toThrow(
      /no index could be made: \d stars in cone/,
    )
  })
})

test.each([
  [{ ...field, epochs: ['1950', 'soon'] }, '--epochs has "soon"'],
  [{ ...field, field: '6-2' }, '--field is "6-2"'],
  [{ ra: '1', dec: '2' }, '--radius lacking'],
  [{}, 'neither a field nor --sky was given'],
  [{ ...field, sky: true }, '--sky was given with a field'],
  [{ ...field, release: 'gaia-dr2', catalog: '/nowhere' }, 'there is no store of gaia-dr2 in /nowhere'],
])('%j: %s', async (options, message) => {
  const error = await catalogIndexCommand(options, signal).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(UserError)
  expect((error as UserError).message).toContain(message)
})
