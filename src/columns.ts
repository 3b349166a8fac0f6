// Every published column once: name, unit, type, UCD and a sentence. FITS, VOTable and Parquet files and the tables of
// the documentation are made from these lists. To publish one more, add a line.

/** FITS binary-table types in use: float64, float32, int16, int32, int64, logical. */
export type ColumnFormat = 'D' | 'E' | 'I' | 'J' | 'K' | 'L'

export interface PublishedColumn {
  name: string
  /** As in VOUnits and FITS; empty for numbers without a unit. */
  unit: string
  format: ColumnFormat
  /** UCD1+, checked against the IVOA's list of words by the tests. */
  ucd: string
  /** One sentence, without a full stop, at most 68 characters: the room that a FITS string has. */
  text: string
  /** The place is on the sky at the plate's epoch: VOTable refers such fields to a coordinate system. */
  sky?: boolean
}

/** VOTable 1.4, §2.1. */
export const VOTABLE_DATATYPE: Record<ColumnFormat, string> = {
  D: 'double',
  E: 'float',
  I: 'short',
  J: 'int',
  K: 'long',
  L: 'boolean',
}

// biome-ignore format: a column a line reads as the table that it is
/** Rows of catalogue.fits, .parquet and .vot: detections on the sky, matched or not. */
export const CATALOGUE_COLUMNS = [
  { name: 'det_id', unit: '', format: 'J', ucd: 'meta.id;meta.main', text: 'Number of the detection in detections.fits' },
  { name: 'x', unit: 'pixel', format: 'D', ucd: 'pos.cartesian.x;instr.det', text: 'Place on the scan along x; the first pixel has its centre at 1' },
  { name: 'y', unit: 'pixel', format: 'D', ucd: 'pos.cartesian.y;instr.det', text: 'Place on the scan along y; the first row stored is y = 1' },
  { name: 'x_error', unit: 'pixel', format: 'E', ucd: 'stat.error;pos.cartesian.x', text: 'Standard error of x' },
  { name: 'y_error', unit: 'pixel', format: 'E', ucd: 'stat.error;pos.cartesian.y', text: 'Standard error of y' },
  { name: 'ra', unit: 'deg', format: 'D', ucd: 'pos.eq.ra;meta.main', text: "Right ascension, ICRS, at the plate's epoch", sky: true },
  { name: 'dec', unit: 'deg', format: 'D', ucd: 'pos.eq.dec;meta.main', text: "Declination, ICRS, at the plate's epoch", sky: true },
  { name: 'ra_error', unit: 'mas', format: 'E', ucd: 'stat.error;pos.eq.ra', text: 'Standard error of ra in true arc (times cos dec)', sky: true },
  { name: 'dec_error', unit: 'mas', format: 'E', ucd: 'stat.error;pos.eq.dec', text: 'Standard error of dec', sky: true },
  { name: 'ra_dec_corr', unit: '', format: 'E', ucd: 'stat.correlation;pos.eq.ra;pos.eq.dec', text: 'Correlation of the errors of ra and dec, -1 to 1', sky: true },
  { name: 'exposure', unit: '', format: 'I', ucd: 'meta.id;obs.exposure', text: 'Index of the exposure, from 0; -1 where it has none or is not known' },
  { name: 'epoch', unit: 'yr', format: 'D', ucd: 'time.epoch;obs.exposure', text: 'Julian year of the exposure, to which places and stars are moved' },
  { name: 'source_id', unit: '', format: 'K', ucd: 'meta.id.cross', text: 'Identifier of the reference star; 0 where unmatched' },
  { name: 'ref_ra', unit: 'deg', format: 'D', ucd: 'pos.eq.ra', text: "Right ascension of the reference star at the plate's epoch", sky: true },
  { name: 'ref_dec', unit: 'deg', format: 'D', ucd: 'pos.eq.dec', text: "Declination of the reference star at the plate's epoch", sky: true },
  { name: 'resid_ra', unit: 'arcsec', format: 'E', ucd: 'stat.fit.residual;pos.eq.ra', text: 'Plate minus reference star in right ascension, true arc', sky: true },
  { name: 'resid_dec', unit: 'arcsec', format: 'E', ucd: 'stat.fit.residual;pos.eq.dec', text: 'Plate minus reference star in declination', sky: true },
  { name: 'used', unit: '', format: 'L', ucd: 'meta.code.member', text: 'Took part in the fit of the plate constants' },
  { name: 'phot_g_mean_mag', unit: 'mag', format: 'E', ucd: 'phot.mag;stat.mean;em.opt', text: 'Magnitude of the reference star: G of Gaia, VT of Tycho-2' },
  { name: 'bp_rp', unit: 'mag', format: 'E', ucd: 'phot.color;em.opt.B;em.opt.R', text: 'Colour of the reference star, BP - RP' },
  { name: 'mag_inst', unit: 'mag', format: 'E', ucd: 'phot.mag;instr.det', text: 'Instrumental magnitude: SExtractor MAG_AUTO with zero point 0' },
  { name: 'mag_inst_error', unit: 'mag', format: 'E', ucd: 'stat.error;phot.mag;instr.det', text: 'Standard error of mag_inst' },
  { name: 'mag', unit: 'mag', format: 'E', ucd: 'phot.mag;em.opt', text: 'Magnitude on the scale of the reference stars' },
  { name: 'mag_error', unit: 'mag', format: 'E', ucd: 'stat.error;phot.mag;em.opt', text: 'Standard error of mag' },
  { name: 'mag_model', unit: 'mag', format: 'D', ucd: 'phot.mag;em.opt', text: 'Magnitude that the plate constants took for the image' },
  { name: 'fwhm', unit: 'pixel', format: 'E', ucd: 'phys.angSize;instr.det', text: 'Full width at half maximum of the image' },
  { name: 'ellipticity', unit: '', format: 'E', ucd: 'src.ellipticity', text: 'Ellipticity of the image, 1 - b/a' },
  { name: 'theta', unit: 'deg', format: 'E', ucd: 'pos.posAng;instr.det', text: 'Angle of the major axis from +x towards +y, -90 to 90' },
  { name: 'peak', unit: 'adu', format: 'E', ucd: 'phot.count;stat.max', text: 'Peak above the background on the positive scan' },
  { name: 'sex_flags', unit: '', format: 'I', ucd: 'meta.code.qual', text: 'FLAGS of SExtractor' },
  { name: 'p_star', unit: '', format: 'E', ucd: 'stat.probability;src.class', text: 'Score of being a star and not an artefact, 0 to 1' },
  { name: 'reject', unit: '', format: 'J', ucd: 'meta.code', text: 'Bits of the rules that reject it; dictionary in the header' },
] as const satisfies readonly PublishedColumn[]

// biome-ignore format: a column a line reads as the table that it is
/** Rows of detections.fits: everything measured, kept also when nothing could be solved. */
export const DETECTION_COLUMNS = [
  { name: 'det_id', unit: '', format: 'J', ucd: 'meta.id;meta.main', text: 'Number of the detection, from 1' },
  { name: 'x', unit: 'pixel', format: 'D', ucd: 'pos.cartesian.x;instr.det', text: 'Place in use along x; the first pixel has its centre at 1' },
  { name: 'y', unit: 'pixel', format: 'D', ucd: 'pos.cartesian.y;instr.det', text: 'Place in use along y; the first row stored is y = 1' },
  { name: 'x_error', unit: 'pixel', format: 'E', ucd: 'stat.error;pos.cartesian.x', text: 'Formal standard error of x' },
  { name: 'y_error', unit: 'pixel', format: 'E', ucd: 'stat.error;pos.cartesian.y', text: 'Formal standard error of y' },
  { name: 'x_win', unit: 'pixel', format: 'D', ucd: 'pos.cartesian.x;instr.det', text: 'Windowed place along x: XWIN_IMAGE' },
  { name: 'y_win', unit: 'pixel', format: 'D', ucd: 'pos.cartesian.y;instr.det', text: 'Windowed place along y: YWIN_IMAGE' },
  { name: 'x_iso', unit: 'pixel', format: 'D', ucd: 'pos.cartesian.x;instr.det', text: 'Isophotal place along x: X_IMAGE_DBL' },
  { name: 'y_iso', unit: 'pixel', format: 'D', ucd: 'pos.cartesian.y;instr.det', text: 'Isophotal place along y: Y_IMAGE_DBL' },
  { name: 'place_source', unit: '', format: 'I', ucd: 'meta.code', text: 'Which place is in use: 0 windowed, 1 isophotal, 2 profile fit' },
  { name: 'flux_auto', unit: 'adu', format: 'E', ucd: 'phot.count', text: 'Flux in a Kron aperture on the positive scan: FLUX_AUTO' },
  { name: 'mag_inst', unit: 'mag', format: 'E', ucd: 'phot.mag;instr.det', text: 'Instrumental magnitude: MAG_AUTO with zero point 0' },
  { name: 'mag_inst_error', unit: 'mag', format: 'E', ucd: 'stat.error;phot.mag;instr.det', text: 'Standard error of mag_inst' },
  { name: 'peak', unit: 'adu', format: 'E', ucd: 'phot.count;stat.max', text: 'Peak above the background: FLUX_MAX' },
  { name: 'mu_max', unit: 'mag/arcsec**2', format: 'E', ucd: 'phot.mag.sb;stat.max', text: 'Peak surface brightness above the background: MU_MAX' },
  { name: 'background', unit: 'adu', format: 'E', ucd: 'instr.background', text: 'Background at the place of the detection' },
  { name: 'threshold', unit: 'adu', format: 'E', ucd: 'instr.background;stat.min', text: 'Detection threshold above the background' },
  { name: 'snr_win', unit: '', format: 'E', ucd: 'stat.snr', text: 'Signal to noise in a Gaussian window: SNR_WIN' },
  { name: 'fwhm', unit: 'pixel', format: 'E', ucd: 'phys.angSize;instr.det', text: 'Full width at half maximum: FWHM_IMAGE' },
  { name: 'flux_radius', unit: 'pixel', format: 'E', ucd: 'phys.angSize;instr.det', text: 'Radius that holds half of the flux: FLUX_RADIUS' },
  { name: 'a', unit: 'pixel', format: 'E', ucd: 'phys.angSize.smajAxis', text: 'Rms of the light along the major axis: A_IMAGE' },
  { name: 'b', unit: 'pixel', format: 'E', ucd: 'phys.angSize.sminAxis', text: 'Rms of the light along the minor axis: B_IMAGE' },
  { name: 'theta', unit: 'deg', format: 'E', ucd: 'pos.posAng;instr.det', text: 'Angle of the major axis from +x towards +y, -90 to 90' },
  { name: 'ellipticity', unit: '', format: 'E', ucd: 'src.ellipticity', text: 'Ellipticity of the image, 1 - b/a' },
  { name: 'isoarea', unit: 'pixel**2', format: 'J', ucd: 'phys.angArea', text: 'Pixels above the threshold: ISOAREA_IMAGE' },
  { name: 'class_star', unit: '', format: 'E', ucd: 'src.class.starGalaxy', text: 'CLASS_STAR of SExtractor, 0 to 1' },
  { name: 'sex_flags', unit: '', format: 'I', ucd: 'meta.code.qual', text: 'FLAGS of SExtractor' },
  { name: 'flags_win', unit: '', format: 'I', ucd: 'meta.code.qual', text: 'FLAGS_WIN of SExtractor' },
  { name: 'p_star', unit: '', format: 'E', ucd: 'stat.probability;src.class', text: 'Score of being a star and not an artefact, 0 to 1' },
  { name: 'reject', unit: '', format: 'J', ucd: 'meta.code', text: 'Bits of the rules that reject it; dictionary in the header' },
  { name: 'rank', unit: '', format: 'J', ucd: 'meta.number', text: "Place in the solver's list, from 1; 0 where it is not in it" },
] as const satisfies readonly PublishedColumn[]

export type ColumnName = (typeof CATALOGUE_COLUMNS)[number]['name']
export type DetectionColumnName = (typeof DETECTION_COLUMNS)[number]['name']

/** Values of one column, one per row; logical columns as 0 and 1; NaN where a real number was not determined. */
export type ColumnValues = Float64Array | Float32Array | Int32Array | Int16Array | BigInt64Array | Uint8Array

export type CatalogueColumns = Record<ColumnName, ColumnValues>
/** Of the detections, what was not measured may be left out. */
export type DetectionColumns = Partial<Record<DetectionColumnName, ColumnValues>>

/** The lists as a Markdown table, for the documentation. */
export function columnsAsMarkdown(columns: readonly PublishedColumn[]): string {
  const row = (c: PublishedColumn) =>
    `| \`${c.name}\` | ${VOTABLE_DATATYPE[c.format]} | ${c.unit.replaceAll('*', '\\*')} | ${c.text} | \`${c.ucd}\` |`
  return [
    '| column | type | unit | what it is | UCD |',
    '| --- | --- | --- | --- | --- |',
    ...columns.map(row),
  ].join('\n')
}
