// Stars taken out of a store at another epoch: each row is one star at one time, and comes back; and the file they go to.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { astrometryOf } from '../../src/catalog/query/at-another-epoch.ts'
import { writeStars } from '../../src/catalog/query/star-file.ts'
import { type QueriedStars, queryStore } from '../../src/catalog/query.ts'
import { openStore } from '../../src/catalog/store/star-store.ts'
import { STORED_NAMES, type StarTable, type StoredName } from '../../src/catalog/store/star-table.ts'
import { catalogQueryCommand } from '../../src/cli/catalog-query.ts'
import { Cancelled, UserError } from '../../src/errors.ts'
import { readFitsTable } from '../../src/fits/table.ts'
import { covarianceMatrix, propagateErrors } from '../../src/math/epoch-errors.ts'
import { DEG, separationDeg } from '../../src/math/sphere.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { fill, type Place, piecesOf, placeIn, starsAt } from './store/stars.ts'

const SKY = { raDeg: 0, decDeg: 0, radiusDeg: 180 }
const EPOCH_YR = 2015.5
const MAS_PER_DEG = 3_600_000
const ERRORS = ['ra_error', 'dec_error', 'parallax_error', 'pmra_error', 'pmdec_error'] as const
const CORRELATIONS = STORED_NAMES.filter((name) => name.endsWith('_corr'))
const MOVED = [...ERRORS, ...CORRELATIONS, 'radial_velocity_error'] as StoredName[]

// Rows of the simulated stars that are odd.
const BARNARD = 0
const POLE = 1
const EDGE = 2
const NO_VELOCITY = 3
const NO_ERRORS = 4
const NO_MOTION_ERROR = 5
const NO_PARALLAX = 6
const NO_MOTION = 7
const ORDINARY = 8 // and all that follow

/** Simulated stars with everything that Gaia gives, the first few odd. */
function simulatedStars(): StarTable {
  const random = randomStream(11, 'stars to be queried')
  const places: Place[] = Array.from({ length: ORDINARY + 200 }, () => placeIn(random, SKY))
  places[BARNARD] = [269.45, 4.69]
  places[POLE] = [201, 89.99995]
  places[EDGE] = [359.9999999, -0.5]
  const stars = starsAt(random, places)
  const { columns } = stars
  for (let i = 0; i < stars.length; i++) {
    columns.parallax[i] = random.between(0.5, 10)
    columns.radial_velocity[i] = 40 * random.gauss()
    for (const name of ERRORS) columns[name][i] = random.between(0.02, 0.5)
    columns.radial_velocity_error[i] = 0 // its correlations have no columns: an error would not come back
    for (const name of CORRELATIONS) columns[name][i] = random.between(-0.2, 0.2)
  }
  const given = (row: number, values: Partial<Record<StoredName, number>>) => {
    for (const [name, value] of Object.entries(values)) columns[name as 'ra'][row] = value
  }
  given(BARNARD, { pmra: -801.6, pmdec: 10362.4, parallax: 546.98, radial_velocity: -110.5 })
  given(POLE, { pmra: 900, pmdec: 1500, parallax: 40, radial_velocity: 90 })
  given(EDGE, { pmra: 300, pmdec: -20 })
  given(NO_VELOCITY, { radial_velocity: Number.NaN, radial_velocity_error: Number.NaN })
  given(NO_ERRORS, Object.fromEntries(MOVED.map((name) => [name, Number.NaN])))
  given(NO_MOTION_ERROR, { pmdec_error: Number.NaN })
  given(NO_PARALLAX, { parallax: Number.NaN, parallax_error: Number.NaN })
  given(NO_MOTION, { pmra: Number.NaN, pmdec: Number.NaN })
  return stars
}

const stars = simulatedStars()
const never = new AbortController().signal
let folder = ''
const at = (name: string) => join(folder, name)

async function queried(epochYr: number | undefined): Promise<QueriedStars> {
  const store = await openStore(at('stars/gaia-dr2'))
  return queryStore(store!, SKY, { epochYr, signal: never })
}

/** Rows of what was queried in the order of the simulated stars; NO_MOTION's is -1. */
function rowsOf(found: StarTable): number[] {
  const ids = [...found.columns.source_id]
  return [...stars.columns.source_id].map((id) => ids.indexOf(id))
}

const starOf = ({ columns }: StarTable, row: number) => astrometryOf(columns, row)

const numbers = ({ columns }: StarTable, names: readonly StoredName[], row: number): number[] =>
  names.map((name) => Number(columns[name][row]))

const covarianceOf = (table: StarTable, row: number) =>
  covarianceMatrix(
    numbers(table, [...ERRORS, 'radial_velocity_error'], row),
    numbers(table, CORRELATIONS, row),
  )

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'platepipe-query-'))
  await mkdir(at('stars'))
  await fill(at('stars/gaia-dr2'), piecesOf(stars, 0))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a row at another epoch', () => {
  it('is the star as it was then: moved back from its epoch it is the star of the catalogue', async () => {
    const then = (await queried(1850)).stars
    const rows = rowsOf(then)
    const worst = { placeMas: 0, motionMasYr: 0, parallaxMas: 0, velocityKmS: 0, errors: 0, fastErrors: 0 }
    const worse = (what: keyof typeof worst, value: number) => {
      worst[what] = Number.isNaN(value) ? value : Math.max(worst[what], Math.abs(value))
    }
    rows.forEach((row, i) => {
      if (i > EDGE && i < ORDINARY) return
      const back = propagateErrors(starOf(then, row), covarianceOf(then, row), EPOCH_YR - 1850)
      const truth = starOf(stars, i)
      worse('placeMas', (back.star.decDeg - truth.decDeg) * MAS_PER_DEG)
      const eastDeg = ((back.star.raDeg - truth.raDeg + 540) % 360) - 180
      worse('placeMas', eastDeg * Math.cos(truth.decDeg * DEG) * MAS_PER_DEG)
      worse('motionMasYr', back.star.pmRaMasYr - truth.pmRaMasYr)
      worse('motionMasYr', back.star.pmDecMasYr - truth.pmDecMasYr)
      worse('parallaxMas', back.star.parallaxMas - truth.parallaxMas)
      worse('velocityKmS', back.star.radialVelocityKmS - truth.radialVelocityKmS)
      const covariance = covarianceOf(stars, i)
      for (let k = 0; k < 5; k++) {
        for (let m = 0; m < 5; m++) {
          const scale = Math.sqrt(covariance[k * 7]! * covariance[m * 7]!)
          worse(
            i <= EDGE ? 'fastErrors' : 'errors',
            (back.covariance[k * 6 + m]! - covariance[k * 6 + m]!) / scale,
          )
        }
      }
    })
    expect(worst.placeMas, JSON.stringify(worst)).toBeLessThan(1e-6)
    expect(worst.motionMasYr).toBeLessThan(1e-6)
    expect(worst.parallaxMas).toBeLessThan(1e-9)
    expect(worst.velocityKmS).toBeLessThan(1e-9)
    // Covariances over the product of the catalogue's errors; those with the radial velocity have no columns and are lost.
    expect(worst.errors, JSON.stringify(worst)).toBeLessThan(2e-5)
    expect(worst.fastErrors, JSON.stringify(worst)).toBeLessThan(0.15) // Barnard's star: 0.12
  })

  it('has the motion, parallax and radial velocity of that epoch: Barnard’s star comes nearer', async () => {
    const { stars: then } = await queried(1850)
    const barnard = starOf(then, rowsOf(then)[BARNARD]!)
    // Its distance, 1.828 pc, was greater by 110.5 km/s · 165.5 yr = 0.0187 pc: 1.02 %; places go with 1/r, motions 1/r².
    const movedArcsec = separationDeg(barnard.raDeg, barnard.decDeg, 269.45, 4.69) * 3600
    expect(movedArcsec).toBeCloseTo(10.3934 * 165.5 * (1 - 0.0102), 0)
    expect(barnard.parallaxMas / 546.98).toBeCloseTo(1 - 0.0102, 3)
    expect(barnard.pmDecMasYr / 10362.4).toBeCloseTo(1 - 0.0204, 3)
    expect(barnard.radialVelocityKmS + 110.5).toBeCloseTo(-0.74, 1)
  })

  it('has errors that grow with those of the motion, and the correlation that this brings', async () => {
    const { stars: then } = await queried(1850)
    const dtYr = 1850 - EPOCH_YR
    rowsOf(then).forEach((row, i) => {
      if (i < ORDINARY || Math.abs(stars.columns.dec[i]!) > 60) return // where meridians run alike
      const [ra = 0, pm = 0, corr = 0] = numbers(stars, ['ra_error', 'pmra_error', 'ra_pmra_corr'], i)
      const expected = Math.sqrt(ra * ra + (dtYr * pm) ** 2 + 2 * dtYr * corr * ra * pm)
      const [error, correlation] = numbers(then, ['ra_error', 'ra_pmra_corr'], row)
      expect(error! / expected).toBeCloseTo(1, 2)
      expect(correlation).toBeCloseTo((corr * ra + dtYr * pm) / expected, 2)
    })
  })

  it('has no error where the catalogue has none for it, and no radial velocity or parallax made up', async () => {
    const { stars: then } = await queried(1850)
    const rows = rowsOf(then)
    const blank = (i: number, names: readonly StoredName[]) =>
      names.filter((name) => Number.isNaN(Number(then.columns[name][rows[i]!])))
    expect(blank(NO_ERRORS, MOVED)).toEqual(MOVED)
    expect(blank(NO_ERRORS, ['ra', 'dec', 'pmra', 'pmdec', 'parallax', 'radial_velocity'])).toEqual([])
    const restOnMotionError = MOVED.filter((name) => !/^(parallax|radial_velocity)_error$/.test(name))
    expect(blank(NO_MOTION_ERROR, MOVED)).toEqual(restOnMotionError)
    expect(blank(NO_PARALLAX, ['parallax', ...MOVED])).toEqual([
      'parallax',
      ...MOVED.filter((name) => name.includes('parallax')),
    ])
    expect(blank(NO_VELOCITY, ['radial_velocity', ...MOVED])).toEqual([
      'radial_velocity',
      'radial_velocity_error',
    ])
    expect(blank(ORDINARY, ['radial_velocity', ...MOVED])).toEqual([])
  })

  it('is left out, and counted, where there is no proper motion', async () => {
    const moved = await queried(1850)
    expect([moved.stars.length, moved.withoutMotion]).toEqual([stars.length - 1, 1])
    expect(rowsOf(moved.stars)[NO_MOTION]).toBe(-1)
  })

  it('is that of the catalogue at the epoch of the release, asked for or not', async () => {
    const asItIs = await queried(undefined)
    expect(asItIs).toMatchObject({ epochYr: EPOCH_YR, withoutMotion: 0 })
    expect(await queried(EPOCH_YR)).toEqual(asItIs)
    const rows = rowsOf(asItIs.stars)
    for (const name of STORED_NAMES) {
      expect(rows.map((row) => asItIs.stars.columns[name][row])).toEqual([...stars.columns[name]])
    }
  })
})

describe('the file of a query', () => {
  const ENDINGS = ['csv', 'fits', 'vot', 'parquet']

  /** The error of writing to that file, and what is then in the folder. */
  async function failure(path: string, found: QueriedStars, signal = never): Promise<unknown> {
    return writeStars(path, found, signal).then(
      () => 'was written',
      (error: unknown) => error,
    )
  }

  it('has every digit of what was queried', async () => {
    const found = await queried(1850)
    await writeStars(at('all.fits'), found, never)
    const { columns } = await readFitsTable(at('all.fits'))
    await writeStars(at('all.csv'), found, never)
    const [header, ...lines] = (await readFile(at('all.csv'), 'utf8')).trim().split('\n')
    const cells = lines.map((line) => line.split(','))
    for (const [n, name] of header!.split(',').entries()) {
      const values = found.stars.columns[name as 'ra'] ?? new Float64Array(found.stars.length).fill(1850)
      expect([...columns.find((column) => column.name === name)!.data].map(Number)).toEqual(
        [...values].map(Number),
      )
      if (name === 'source_id') expect(cells.map((row) => row[n])).toEqual([...values].map(String))
      else {
        const read = cells.map((row) => (row[n] === '' ? Number.NaN : Number(row[n])))
        const isSingle = (values as unknown) instanceof Float32Array
        expect(isSingle ? read.map(Math.fround) : read).toEqual([...values])
      }
    }
  })

  it.each(ENDINGS)('an earlier .%s stays as it is when writing fails or is cancelled', async (ending) => {
    await mkdir(at(ending))
    const path = at(`${ending}/stars.${ending}`)
    await writeFile(path, 'good')
    const found = await queried(undefined)
    const { bp_rp: _, ...lacking } = found.stars.columns
    const broken = { ...found, stars: { ...found.stars, columns: lacking as StarTable['columns'] } }
    expect(await failure(path, broken)).toBeInstanceOf(Error)
    const controller = new AbortController()
    const cancelled = failure(path, found, controller.signal)
    controller.abort()
    expect(await cancelled).toBeInstanceOf(Cancelled)
    expect(await readFile(path, 'utf8')).toBe('good')
    expect(await readdir(at(ending))).toEqual([`stars.${ending}`])
    await writeStars(path, found, never)
    expect((await stat(path)).size).toBeGreaterThan(10_000)
    expect(await readdir(at(ending))).toEqual([`stars.${ending}`])
  })

  it.each(ENDINGS)('a .%s that has no place is a mistake that the user can mend', async (ending) => {
    const found = await queried(undefined)
    await writeFile(at(`file-${ending}`), '')
    await mkdir(at(`taken.${ending}`))
    const places = {
      [at(`missing/stars.${ending}`)]: 'make the folder first',
      [at(`file-${ending}/stars.${ending}`)]: 'make the folder first',
      [at(`taken.${ending}`)]: 'choose another name',
      ...(existsSync('/sys/kernel') && { [`/sys/stars.${ending}`]: 'choose an output folder' }),
    }
    for (const [path, todo] of Object.entries(places)) {
      const error = (await failure(path, found)) as UserError
      expect(error, path).toBeInstanceOf(UserError)
      expect(error.message.split(' ')[0]).toBe(path)
      expect(error.todo).toContain(todo)
    }
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('is looked at before any search', async () => {
    const query = (out: string) =>
      catalogQueryCommand(
        { ra: '10', dec: '10', radius: '1', catalog: at('no-store'), out, quiet: true },
        never,
      ).catch((error: unknown) => String(error))
    expect(await query(at('stars.txt'))).toContain('an ending that names no format')
    expect(await query(at('stars.constructor'))).toContain('an ending that names no format')
    expect(await query(at('missing/stars.csv'))).toContain('its folder does not exist')
    expect(await query(at('stars.csv'))).toContain('there is no store')
  })
})
