// Row: M67 on POSS-I with its Gaia stars, nothing else given.
import { join } from 'node:path'
import {
  atLeast,
  atMost,
  type Bench,
  type Figure,
  judge,
  mustBe,
  type Reduction,
  reduce,
  told,
  verified,
} from './bench.ts'

export const M67 = 'plates/m67-poss1-e-1951.fits'
export const M67_STARS = 'gaia/m67-dr3.csv'

interface Judged {
  epoch_yr: number
  centre_off_arcsec: number
  published: { pairs: number; rms_ra: number; rms_dec: number }
  heldout: { rms_ra: number; rms_dec: number }
  independent: {
    pairs: number
    rms_ra: number
    rms_dec: number
    within_depth: { pairs: number; rms_ra: number; rms_dec: number }
  }
  reference_move_mas: number
}

const reduced = new WeakMap<Bench, Promise<Reduction>>()

/** The reduction that several rows look at: made once. */
export function reduceM67(bench: Bench): Promise<Reduction> {
  const stars = join(bench.shared, M67_STARS)
  const run = reduced.get(bench) ?? reduce(bench, join(bench.shared, M67), 'm67', 'm67', ['--catalog', stars])
  reduced.set(bench, run)
  return run
}

export async function m67(bench: Bench): Promise<Figure[]> {
  const row = 'm67'
  const run = await reduceM67(bench)
  const figures = [mustBe(row, 'exit status', 0, run.exit)]
  const fit = run.solution?.exposures[0]?.fit
  if (fit === undefined) return [...figures, await verified(row, run.folder)]
  const found = await judge<Judged>('m67', [
    run.folder,
    join(bench.shared, M67_STARS),
    fit.match_radius_arcsec,
  ])
  const { published, heldout, independent } = found
  const { within_depth: deep } = independent
  const pair = (f: { pairs: number; rms_ra: number; rms_dec: number }) =>
    `${f.pairs} pairs, ${f.rms_ra.toFixed(4)}″, ${f.rms_dec.toFixed(4)}″`
  return [
    ...figures,
    mustBe(row, 'epoch in catalogue.fits, to 0.01 yr', 1951.91, Math.round(found.epoch_yr * 100) / 100),
    atMost(row, 'centre of the scan through wcs.fits to 132.8340 +11.8118', 2, found.centre_off_arcsec, '″'),
    atLeast(row, 'pairs in catalogue.fits', 650, published.pairs),
    atMost(row, 'rms of all pairs, right ascension', 0.125, published.rms_ra, '″'),
    atMost(row, 'rms of all pairs, declination', 0.125, published.rms_dec, '″'),
    atMost(row, 'held out, right ascension, as published', 0.125, fit.heldout_rms_ra_arcsec ?? null, '″'),
    atMost(row, 'held out, declination, as published', 0.125, fit.heldout_rms_dec_arcsec ?? null, '″'),
    atMost(row, 'held out, right ascension, fitted by the judge', 0.125, heldout.rms_ra, '″'),
    atMost(row, 'held out, declination, fitted by the judge', 0.125, heldout.rms_dec, '″'),
    atMost(
      row,
      'reference places against the judge’s own motion, largest',
      1,
      found.reference_move_mas,
      ' mas',
    ),
    told(row, 'judge’s own pairing, to the depth of the fit', pair(deep)),
    told(row, 'judge’s own pairing, every star of the catalogue', pair(independent)),
    await verified(row, run.folder),
  ]
}
