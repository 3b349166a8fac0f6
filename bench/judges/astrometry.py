"""Judges the places of held-out stars: platepipe's and SCAMP's, of the same detections, against the same stars.

usage: astrometry.py WORK
Reads what astrometry_folds.py and scamp_folds.py left and WORK/fold-N, platepipe's reductions without the stars of fold N.
platepipe's place of a held-out star is the row of its detection in that fold's catalogue.fits (terms in magnitude act
there, which a WCS cannot hold), or wcs.fits where there is no such row; the places by wcs.fits alone are told too. A held-out
star has no colour in that catalogue, as its row was taken out; where the plate constants have terms of colour, the judge adds
them for the star's own, by the coefficients in solution.json. SCAMP's
is its .head read by astropy. Stars whose places any fold lacks are counted, never dropped in silence.
Prints JSON. RMS are per axis unless named otherwise, arcsec; pulls divide by the published errors and the reference's.
"""
import json
import sys
import warnings

import numpy as np
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS
from places import offsets

warnings.simplefilter('ignore')
FOLDS, DEGREES, SETS = 5, (1, 2, 3, 4, 5), ('platepipe', 'sextractor')
BINS, MIN_BIN, MIN_PULLS, DRAWS = 5, 20, 100, 200
work = sys.argv[1]
with fits.open(f'{work}/pairs.fits') as file:
    everything, about = Table(file['PAIRS'].data), file['PAIRS'].header
whole = np.asarray(everything['whole'], bool)
isolated = np.asarray((everything['mag'] < 16) & (everything['neighbour_arcsec'] > 6), bool)
pairs = everything
N = len(pairs)
column = lambda name: np.asarray(pairs[name], float)
x, y, ra, dec, mag, colour, fold = (column(k) for k in ('x', 'y', 'ra', 'dec', 'mag', 'bp_rp', 'fold'))
width, height, scale = about['WIDTH'], about['HEIGHT'], about['SCALE']
simulated = 'true_x' in pairs.colnames
half = max(width, height) / 2
sx, sy = (x - (width + 1) / 2) / half, (y - (height + 1) / 2) / half
radius = np.hypot(sx, sy)


def head(path):
    with open(path, encoding='latin-1') as file:
        lines = [line.rstrip('\n') for line in file if not line.startswith(('HISTORY', 'COMMENT'))]
    header = fits.Header.fromstring('\n'.join(lines), sep='\n')
    if 'PV1_1' not in header:  # degree 1: TPV without its terms, which wcslib takes for terms that are nil
        header['CTYPE1'], header['CTYPE2'] = 'RA---TAN', 'DEC--TAN'
    return WCS(header)


def scamp(which, degree):
    places = np.full((N, 2), np.nan)
    for n in range(FOLDS):
        rows = fold == n
        try:
            places[rows] = np.stack(head(f'{work}/scamp/{which}-{degree}-{n}.head').all_pix2world(x[rows], y[rows], 1), axis=1)
        except FileNotFoundError:
            pass
    return places


def with_colours(constants, places, rows):
    """The places with the terms of colour, for the colours of the stars, and what the unknown colour had added to their
    errors, arcsec; unchanged where there are no such terms."""
    terms = [term for term in constants['star_terms'] if term['c']]
    if not terms:
        return places, np.zeros_like(places)
    star, frame = constants['reference_star'], constants['frame']
    low, high = star['bp_rp_range']
    c = np.nan_to_num(np.clip(colour[rows], low, high) - star['bp_rp'])
    u, v = (x[rows] - frame['x0']) / frame['half_px'], (y[rows] - frame['y0']) / frame['half_px']
    plane = WCS(naxis=2)
    plane.wcs.ctype, plane.wcs.crval = ['RA---TAN', 'DEC--TAN'], constants['tangent_point_deg']
    plane.wcs.cdelt = [1 / 3600, 1 / 3600]
    flat = np.array(plane.wcs_world2pix(places, 0))
    unknown = np.zeros_like(flat)
    for term in terms:
        assert term['m'] == 0, 'a term of colour and magnitude together is not known to the judge'
        value = u ** term['u'] * v ** term['v'] * c ** term['c']
        flat += value[:, None] * [term['xi_arcsec'], term['eta_arcsec']]
        typical = u ** term['u'] * v ** term['v'] * star['bp_rp_scatter'] ** term['c']
        unknown += typical[:, None] * [term['xi_arcsec'], term['eta_arcsec']]
    return np.array(plane.wcs_pix2world(flat, 0)), unknown


def platepipe():
    """By the catalogue, by the WCS alone, standard errors (mas), and which rows the catalogue lacked."""
    places, by_wcs, errors = np.full((N, 2), np.nan), np.full((N, 2), np.nan), np.full((N, 2), np.nan)
    lacking = np.zeros(N, bool)
    for n in range(FOLDS):
        rows = np.flatnonzero(fold == n)
        try:
            by_wcs[rows] = np.stack(WCS(fits.getheader(f'{work}/fold-{n}/wcs.fits')).all_pix2world(x[rows], y[rows], 1), axis=1)
            with fits.open(f'{work}/fold-{n}/catalogue.fits') as file:
                catalogue = Table(file['CATALOGUE'].data)
        except FileNotFoundError:
            continue
        at = {int(d): k for k, d in enumerate(catalogue['det_id'])}
        for i in rows:
            k = at.get(int(pairs['det_id'][i]))
            if k is None:
                lacking[i], places[i] = True, by_wcs[i]
            else:
                places[i] = catalogue['ra'][k], catalogue['dec'][k]
                errors[i] = catalogue['ra_error'][k], catalogue['dec_error'][k]
        with open(f'{work}/fold-{n}/solution.json') as file:
            constants = json.load(file)['exposures'][0]['model']['coefficients']
        places[rows], unknown = with_colours(constants, places[rows], rows)
        errors[rows] = np.sqrt(errors[rows] ** 2 - 1e6 * unknown ** 2)
    return places, by_wcs, errors, lacking


def rms(values):
    return float(np.sqrt(np.mean(np.square(values)))) if np.size(values) else None


def groups(values, least=MIN_BIN):
    """Bins of equal numbers: [(label, rows)]."""
    good = np.flatnonzero(np.isfinite(values) & whole)
    parts = np.array_split(good[np.argsort(values[good])], max(1, min(BINS, len(good) // least)))
    return [(f'{values[p].min():.1f}–{values[p].max():.1f}', p) for p in parts]


def regions():
    order = COUNTED[np.argsort(radius[COUNTED])]
    return {'centre': order[: len(order) // 2], 'outer': order[-max(1, len(order) // 10):]}


def slope(values, target):
    """Slope and its error of the target on the values, by clipped least squares: mas per unit."""
    good = np.isfinite(values) & np.isfinite(target) & whole
    if good.sum() < MIN_BIN or np.ptp(values[good]) == 0:
        return None
    v, t = values[good] - np.median(values[good]), 1000 * target[good]
    keep = np.abs(t - np.median(t)) < 4 * 1.4826 * np.median(np.abs(t - np.median(t)))
    design = np.stack([np.ones(keep.sum()), v[keep]], axis=1)
    constants, *_ = np.linalg.lstsq(design, t[keep], rcond=None)
    left = t[keep] - design @ constants
    error = np.sqrt(np.sum(left**2) / (len(left) - 2) * np.linalg.inv(design.T @ design)[1, 1])
    return [float(constants[1]), float(error)]


def along_plate(d):
    """Residuals (east, north) along x and y of the scan: the linear part of the solution turned round, arcsec."""
    cd = WCS(fits.getheader(f'{work}/full/wcs.fits')).wcs.cd
    return np.linalg.solve(cd / np.sqrt(abs(np.linalg.det(cd))), d.T).T


COUNTED = np.flatnonzero(whole)  # the images that a plate model can be judged by
mag_bins, regional = groups(mag), regions()


def figures(places):
    d = np.stack(offsets(places[:, 0], places[:, 1], ra, dec), axis=1)
    seen = np.isfinite(d[:, 0])
    placed = seen & whole
    plate = along_plate(d)
    outward = (plate * np.stack([sx, sy], axis=1)).sum(1) / np.maximum(radius, 1e-9)
    where = lambda rows: rms(d[rows][placed[rows]])
    centre, outer = where(regional['centre']), where(regional['outer'])
    found = {
        'placed': int(placed.sum()), 'rms_ra': rms(d[placed, 0]), 'rms_dec': rms(d[placed, 1]), 'rms': rms(d[placed]),
        'median': float(np.median(np.hypot(*d[placed].T))) if placed.any() else None,
        'by_mag': [where(rows) for _, rows in mag_bins], 'centre': centre, 'outer': outer,
        'bright_isolated': [int((isolated & seen).sum()), rms(d[isolated & seen, 0]), rms(d[isolated & seen, 1])],
        'bright_isolated_whole': [int((isolated & placed).sum()), rms(d[isolated & placed, 0]), rms(d[isolated & placed, 1])],
        'slope_mag': [slope(mag, plate[:, 0]), slope(mag, plate[:, 1])],
        'slope_colour': [slope(colour, plate[:, 0]), slope(colour, plate[:, 1])],
        'slope_coma': slope(mag, outward / np.maximum(radius, 0.2)),
    }
    if simulated:
        t = np.stack(offsets(places[:, 0], places[:, 1], column('true_ra'), column('true_dec')), axis=1)
        found['to_truth'] = rms(t[placed]) * np.sqrt(2) if placed.any() else None
        for name, rows in regional.items():
            found[f'{name}_to_truth'] = rms(t[rows][placed[rows]]) * np.sqrt(2)
    return found, d


def floor():
    """RMS distance (arcsec) of the detections to where the optics put the star, a linear map of the whole plate taken out:
    centring and the emulsion's shifts, without any error of a plate model. Also without the emulsion's shifts."""
    design = np.stack([np.ones(N), sx, sy], axis=1)
    out = {}
    for name, keys in (('floor', ('true_x', 'true_y')), ('centring', ('image_x', 'image_y'))):
        off = np.stack([x - column(keys[0]), y - column(keys[1])], axis=1)
        left = off - design @ np.linalg.lstsq(design[COUNTED], off[COUNTED], rcond=None)[0]
        out[name] = scale * rms(left[COUNTED]) * np.sqrt(2)
        out[f'{name}_raw'] = scale * rms(off[COUNTED]) * np.sqrt(2)
        out[f'{name}_by_mag'] = [scale * rms(left[rows]) for _, rows in mag_bins]
        for region, rows in regional.items():
            out[f'{name}_{region}'] = scale * rms(left[rows])
    return out


def perfect():
    """RMS per axis (arcsec) that held-out stars would have with the true plate model: the floor and the reference's errors."""
    off = np.stack(offsets(column('true_ra'), column('true_dec'), ra, dec), axis=1)
    return float(np.hypot(floor()['floor'] / np.sqrt(2), rms(off[COUNTED])))


def pulls(d, errors, more_ra, more_dec):
    sigma = np.hypot(errors, np.stack([more_ra, more_dec], axis=1))
    p = d / sigma
    good = np.isfinite(p).all(axis=1)
    robust = lambda v: float(1.4826 * np.median(np.abs(v))) if len(v) else None
    of = lambda rows: {'n': int(good[rows].sum()), 'rms': rms(p[rows][good[rows]]), 'robust': robust(p[rows][good[rows]].ravel())}
    bins = lambda values: [{'bin': label, **of(rows)} for label, rows in groups(values, MIN_PULLS)]
    return {'all': of(COUNTED), 'by_mag': bins(mag), 'by_radius': bins(radius), **{k: of(rows) for k, rows in regional.items()}}


def ratio_error(one, other):
    """Standard error of rms(one) / rms(other) over the same stars, drawn with replacement (seeded)."""
    draw = np.random.default_rng(1)
    ratios = []
    for _ in range(DRAWS):
        rows = draw.choice(COUNTED, len(COUNTED))
        ratios.append(rms(one[rows]) / rms(other[rows]))
    return float(np.std(ratios))


by_catalogue, by_wcs, errors, lacking = platepipe()
out = {'pairs': len(COUNTED), 'flawed': int(np.sum(pairs['deep'] & ~whole)), 'faint': int(np.sum(~pairs['deep'])), 'isolated': int(isolated.sum()), 'scale': scale, 'pixel_um': about.get('PIXELUM'), 'epoch_yr': about['EPOCHYR'],
       'mag_bins': [label for label, _ in mag_bins],
       'not_in_catalogue': int(lacking[COUNTED].sum())}
out['platepipe'], residuals = figures(by_catalogue)
out['platepipe_wcs'], _ = figures(by_wcs)
mas = lambda name: column(name) / 1000
out['pulls'] = pulls(residuals, errors / 1000, mas('ra_error_mas'), mas('dec_error_mas'))
out['scamp'] = {}
best = None
for which in SETS:
    for degree in DEGREES:
        found, d = figures(scamp(which, degree))
        out['scamp'][f'{which}-{degree}'] = found
        # A degree that failed in a fold is no rival: it has no place for those stars.
        if found['placed'] == len(COUNTED) and (best is None or found['rms'] < best[1]['rms']):
            best = f'{which}-{degree}', found, d
out['best'] = best[0] if best else None
if best and np.isfinite(residuals[COUNTED]).all():
    out['ratio'] = out['platepipe']['rms'] / best[1]['rms']
    out['ratio_error'] = ratio_error(residuals, best[2])
if simulated:
    out['floor'] = floor()
    if best:
        out['perfect_ratio'] = perfect() / best[1]['rms']
np.savez(f'{work}/residuals.npz', platepipe=along_plate(residuals), scamp=along_plate(best[2]) if best else [], x=x, y=y, mag=mag, colour=colour, whole=whole, fold=fold)
print(json.dumps(out))
