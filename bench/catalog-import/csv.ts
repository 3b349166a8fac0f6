// Writes simulated stars as a file like the bulk files of Gaia DR2, GaiaSource_*.csv.gz: 94 columns, seventeen digits.
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { STORED_NAMES, type StoredName } from '../../src/catalog/store/star-table.ts'
import { placeInStar, REF_EPOCH_YR, type SimulatedStar, simulatedStars } from './stars.ts'

/** The columns of gaiadr2.gaia_source in their order (Gaia DR2 data model, section 14.1.1). */
export const DR2_COLUMNS =
  `solution_id designation source_id random_index ref_epoch ra ra_error dec dec_error parallax
parallax_error parallax_over_error pmra pmra_error pmdec pmdec_error ra_dec_corr ra_parallax_corr ra_pmra_corr
ra_pmdec_corr dec_parallax_corr dec_pmra_corr dec_pmdec_corr parallax_pmra_corr parallax_pmdec_corr pmra_pmdec_corr
astrometric_n_obs_al astrometric_n_obs_ac astrometric_n_good_obs_al astrometric_n_bad_obs_al astrometric_gof_al
astrometric_chi2_al astrometric_excess_noise astrometric_excess_noise_sig astrometric_params_solved
astrometric_primary_flag astrometric_weight_al astrometric_pseudo_colour astrometric_pseudo_colour_error
mean_varpi_factor_al astrometric_matched_observations visibility_periods_used astrometric_sigma5d_max
frame_rotator_object_type matched_observations duplicated_source phot_g_n_obs phot_g_mean_flux phot_g_mean_flux_error
phot_g_mean_flux_over_error phot_g_mean_mag phot_bp_n_obs phot_bp_mean_flux phot_bp_mean_flux_error
phot_bp_mean_flux_over_error phot_bp_mean_mag phot_rp_n_obs phot_rp_mean_flux phot_rp_mean_flux_error
phot_rp_mean_flux_over_error phot_rp_mean_mag phot_bp_rp_excess_factor phot_proc_mode bp_rp bp_g g_rp radial_velocity
radial_velocity_error rv_nb_transits rv_template_teff rv_template_logg rv_template_fe_h phot_variable_flag l b ecl_lon
ecl_lat priam_flags teff_val teff_percentile_lower teff_percentile_upper a_g_val a_g_percentile_lower
a_g_percentile_upper e_bp_min_rp_val e_bp_min_rp_percentile_lower e_bp_min_rp_percentile_upper flame_flags radius_val
radius_percentile_lower radius_percentile_upper lum_val lum_percentile_lower lum_percentile_upper`.split(
    /\s+/,
  )

const STORED: ReadonlySet<string> = new Set(STORED_NAMES)
/** Empty but for bright stars, as most of these cells are in Gaia's files. */
const FOR_FEW = /^(rv_|teff|a_g|e_bp|radius|lum|flame|priam)/
const COUNTS = /_n_|matched|frame|proc_mode/
const SINGLE = /corr$|mag$|bp_rp|velocity/ // given with the digits of a single real

const [RA, DEC, G] = [placeInStar('ra'), placeInStar('dec'), placeInStar('phot_g_mean_mag')]

type Cell = (star: SimulatedStar, id: bigint) => string

function cellOf(name: string, column: number): Cell {
  if (name === 'solution_id') return () => '1635721458409799680'
  if (name === 'designation') return (_, id) => `Gaia DR2 ${id}`
  if (name === 'source_id') return (_, id) => `${id}`
  if (name === 'random_index') return (star) => `${star.idLow}`
  if (name === 'ref_epoch') return () => String(REF_EPOCH_YR)
  if (name === 'phot_variable_flag') return () => 'NOT_AVAILABLE'
  if (/primary_flag|duplicated/.test(name)) return () => 'false'
  if (STORED.has(name)) {
    const place = placeInStar(name as StoredName)
    const isSingle = SINGLE.test(name)
    return ({ values }) => shown(values[place]!, isSingle)
  }
  if (FOR_FEW.test(name)) return ({ values }) => (values[G]! < 14 ? `${values[RA]! * column}` : '')
  if (COUNTS.test(name)) return (star) => `${(star.idLow >>> (column % 20)) % 300}`
  return ({ values }) => `${values[RA]! * column + values[DEC]!}`
}

const shown = (value: number, isSingle: boolean): string => {
  if (Number.isNaN(value)) return ''
  return isSingle ? String(Number(value.toPrecision(8))) : String(value)
}

type Part = 'with names' | 'rows only'

function* lines(rows: number, seed: number, part: Part): Generator<string> {
  const cells = DR2_COLUMNS.map(cellOf)
  const next = simulatedStars(seed)
  if (part === 'with names') yield `${DR2_COLUMNS.join(',')}\n`
  for (let row = 0; row < rows; ) {
    let text = ''
    for (const end = Math.min(rows, row + 500); row < end; row++) {
      const star = next()
      const id = (BigInt(star.idHigh) << 32n) + BigInt(star.idLow)
      text += `${cells.map((cell) => cell(star, id)).join(',')}\n`
    }
    yield text
  }
}

export async function writeCsvStars(path: string, rows: number, seed: number, part: Part): Promise<void> {
  await pipeline(Readable.from(lines(rows, seed, part)), createGzip({ level: 6 }), createWriteStream(path))
}
