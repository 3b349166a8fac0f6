// The columns of a stored star, once: their names are Gaia's own (Gaia DR2 data model, table gaia_source).

/** How a column is kept: a 64-bit number, a double or single real (NaN: not known), or a small count (0: not known). */
export type StoredType = 'int64' | 'float64' | 'float32' | 'uint8'

interface StoredColumn {
  type: StoredType
  unit: string
  ucd: string
  text: string
}

const real = (unit: string, ucd: string, text: string): StoredColumn => ({ type: 'float64', unit, ucd, text })
const single = (unit: string, ucd: string, text: string): StoredColumn => ({
  type: 'float32',
  unit,
  ucd,
  text,
})
const count = (ucd: string, text: string): StoredColumn => ({ type: 'uint8', unit: '', ucd, text })
const correlation = (one: string, other: string) =>
  single('', 'stat.correlation', `Correlation of the errors of ${one} and ${other}`)

// biome-ignore format: columns in few lines read as the table that they are
export const STORED_COLUMNS = {
  source_id: { type: 'int64', unit: '', ucd: 'meta.id;meta.main', text: 'Number of the source; divided by 2^35, its HEALPix cell of level 12; 0 where there is none' } as StoredColumn,
  ra: real('deg', 'pos.eq.ra;meta.main', 'Right ascension, ICRS, at the reference epoch'),
  dec: real('deg', 'pos.eq.dec;meta.main', 'Declination, ICRS, at the reference epoch'),
  parallax: real('mas', 'pos.parallax.trig', 'Parallax'),
  pmra: real('mas/yr', 'pos.pm;pos.eq.ra', 'Proper motion in right ascension, true arc (cos dec included)'),
  pmdec: real('mas/yr', 'pos.pm;pos.eq.dec', 'Proper motion in declination'),
  radial_velocity: real('km/s', 'spect.dopplerVeloc.opt', 'Barycentric radial velocity'),
  ra_error: real('mas', 'stat.error;pos.eq.ra', 'Standard error of ra, true arc'),
  dec_error: real('mas', 'stat.error;pos.eq.dec', 'Standard error of dec'),
  parallax_error: real('mas', 'stat.error;pos.parallax.trig', 'Standard error of parallax'),
  pmra_error: real('mas/yr', 'stat.error;pos.pm;pos.eq.ra', 'Standard error of pmra'),
  pmdec_error: real('mas/yr', 'stat.error;pos.pm;pos.eq.dec', 'Standard error of pmdec'),
  radial_velocity_error: real('km/s', 'stat.error;spect.dopplerVeloc.opt', 'Standard error of radial_velocity'),
  ra_dec_corr: correlation('ra', 'dec'),
  ra_parallax_corr: correlation('ra', 'parallax'),
  ra_pmra_corr: correlation('ra', 'pmra'),
  ra_pmdec_corr: correlation('ra', 'pmdec'),
  dec_parallax_corr: correlation('dec', 'parallax'),
  dec_pmra_corr: correlation('dec', 'pmra'),
  dec_pmdec_corr: correlation('dec', 'pmdec'),
  parallax_pmra_corr: correlation('parallax', 'pmra'),
  parallax_pmdec_corr: correlation('parallax', 'pmdec'),
  pmra_pmdec_corr: correlation('pmra', 'pmdec'),
  phot_g_mean_mag: single('mag', 'phot.mag;em.opt', 'G'),
  phot_bp_mean_mag: single('mag', 'phot.mag;em.opt.B', 'G_BP'),
  phot_rp_mean_mag: single('mag', 'phot.mag;em.opt.R', 'G_RP'),
  bp_rp: single('mag', 'phot.color;em.opt.B;em.opt.R', 'Colour G_BP - G_RP'),
  ruwe: single('', 'stat.error', 'Renormalised unit weight error'),
  astrometric_excess_noise: single('mas', 'stat.value', 'Excess noise of the source'),
  astrometric_params_solved: count('meta.number', 'Which parameters were solved for: 3 place only, 31 five, 95 six'),
  visibility_periods_used: count('meta.number', 'Visibility periods used in the astrometric solution'),
}

export type StoredName = keyof typeof STORED_COLUMNS
export const STORED_NAMES = Object.keys(STORED_COLUMNS) as StoredName[]

export const storedNamesOf = (type: StoredType): StoredName[] =>
  STORED_NAMES.filter((name) => STORED_COLUMNS[name].type === type)

interface Arrays {
  int64: BigInt64Array<ArrayBuffer>
  float64: Float64Array<ArrayBuffer>
  float32: Float32Array<ArrayBuffer>
  uint8: Uint8Array<ArrayBuffer>
}

export type ArrayOf<N extends StoredName> = N extends 'source_id'
  ? Arrays['int64']
  : Arrays[Exclude<StoredType, 'int64'>]

/** Stars in rows, one typed array of `length` per column. */
export interface StarTable {
  length: number
  columns: { [N in StoredName]: ArrayOf<N> }
}

const MAKERS: { [T in StoredType]: (length: number) => Arrays[T] } = {
  int64: (length) => new BigInt64Array(length),
  float64: (length) => new Float64Array(length).fill(Number.NaN),
  float32: (length) => new Float32Array(length).fill(Number.NaN),
  uint8: (length) => new Uint8Array(length),
}

/** A column of `length` stars of which nothing is known. */
export function blankColumn<N extends StoredName>(name: N, length: number): ArrayOf<N> {
  return MAKERS[STORED_COLUMNS[name].type](length) as ArrayOf<N>
}

/** A table of `length` stars of which nothing is known. */
export function blankStarTable(length: number): StarTable {
  const columns = Object.fromEntries(STORED_NAMES.map((name) => [name, blankColumn(name, length)]))
  return { length, columns: columns as StarTable['columns'] }
}

/** The rows of a table that are named, in that order. */
export function pickRows(stars: StarTable, rows: ArrayLike<number>): StarTable {
  const picked = blankStarTable(rows.length)
  for (const name of STORED_NAMES) {
    const from = stars.columns[name]
    const to = picked.columns[name]
    for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]!]!
  }
  return picked
}

/** Tables one after the other. */
export function concatenated(tables: readonly StarTable[]): StarTable {
  if (tables.length === 1) return tables[0]!
  const all = blankStarTable(tables.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const { length, columns } of tables) {
    for (const name of STORED_NAMES)
      (all.columns[name] as Float64Array).set(columns[name] as Float64Array, at)
    at += length
  }
  return all
}
