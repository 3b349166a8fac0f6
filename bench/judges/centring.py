"""How far the places of star images are off, by kind of place, magnitude and kind of image.

usage: centring.py RESULT_FOLDER WORK_FOLDER TRUTH_FITS
       centring.py RESULT_FOLDER WORK_FOLDER GAIA_CSV EPOCH_YR
Which detection is which star is decided once for all kinds of places: the nearest by any of them, both ways. On a simulated
plate a place is compared with where the emulsion put the image, their median difference taken out. On a real plate it is
compared with Gaia's star at the epoch, through a cubic of all its own stars but those of the same fold (five folds, by blocks
of a 10 x 10 grid), fitted robustly. Errors are px per axis; nothing is clipped. Prints JSON.
"""
import json
import os
import sys
import warnings

import numpy as np
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS
from nearest import nearest
from places import ARCSEC, gaia_at, unit

warnings.simplefilter('ignore')
folder, work, reference, *epoch = sys.argv[1:]
FOLDS, BLOCKS, DEGREE = 5, 10, 3
MAG_BINS = 6
FAINTEST_G = 18.5  # of a real plate: fainter pairs are mostly chance
ALONE_ARCSEC = 6

with fits.open(f'{folder}/detections.fits') as file:
    det = Table(file[1].data)
column = lambda name: np.asarray(det[name], float)
kinds = {
    'isophotal': np.stack([column('x_iso'), column('y_iso')], 1),
    'windowed': np.stack([column('x_win'), column('y_win')], 1),
    'platepipe': np.stack([column('x'), column('y')], 1),
}
# What platepipe took before it fitted profiles: the windowed place where it converged, else the isophotal one.
shift = np.hypot(*(kinds['windowed'] - kinds['isophotal']).T)
size = np.maximum(np.nanpercentile(column('fwhm'), 25), np.nan_to_num(column('fwhm')))
converged = (np.asarray(det['flags_win']) == 0) & (shift <= 0.5 * size)
kinds['windowed'] = np.where(converged[:, None], kinds['windowed'], kinds['isophotal'])
if os.path.exists(f'{work}/psf.npz'):
    psf = np.load(f'{work}/psf.npz')
    kinds['psf'] = kinds['windowed'].copy()
    row = {int(n): k for k, n in enumerate(np.asarray(det['det_id']))}
    for n, place in zip(psf['det_id'], psf['place']):
        # A fit that wandered off its image is as good as none.
        if int(n) in row and np.hypot(*(place - kinds['windowed'][row[int(n)]])) <= size[row[int(n)]]:
            kinds['psf'][row[int(n)]] = place

if epoch:
    header = fits.getheader(f'{folder}/wcs.fits')
    stars = gaia_at(reference, float(epoch[0]))
    width, height = header['IMAGEW'], header['IMAGEH']
    sx, sy = WCS(header).all_world2pix(stars['ra'], stars['dec'], 1, quiet=True)
    on = np.flatnonzero((sx > 3) & (sx < width - 2) & (sy > 3) & (sy < height - 2) & stars['known'])
    place, mag = np.stack([sx[on], sy[on]], 1), stars['mag'][on]
    u = unit(stars['ra'], stars['dec'])
    apart = np.full(len(on), np.inf)
    for n, k in enumerate(on):
        others = np.flatnonzero(stars['mag'] < stars['mag'][k] + 3)
        others = others[others != k]
        apart[n] = np.sqrt(np.min(((u[others] - u[k]) ** 2).sum(1))) / ARCSEC
    wanted = (mag < FAINTEST_G) & (apart > ALONE_ARCSEC)
    ids = stars['source_id'][on]
else:
    with fits.open(reference) as file:
        truth = Table(file['TRUTH'].data)
    truth = truth[truth['on_plate']]
    place = np.stack([truth['x_image'], truth['y_image']], 1).astype(float)
    mag, blended, saturated = (np.asarray(truth[name]) for name in ('mag', 'blended', 'saturated'))
    wanted = np.ones(len(mag), bool)
    ids = np.asarray(truth['source_id'])

# One pairing for all kinds of places.
limit = 1.5 * np.nanmedian(column('fwhm'))
best, partner = np.full(len(place), np.inf), np.zeros(len(place), int)
for xy in kinds.values():
    distance, there = nearest(place, xy)
    closer = distance < best
    best[closer], partner[closer] = distance[closer], there[closer]
pairs = [k for k in np.argsort(best) if best[k] < limit]
taken, star = set(), []
for k in pairs:
    if partner[k] not in taken:
        taken.add(partner[k])
        star.append(k)
star = np.array(star)
d = partner[star]


def residuals(xy):
    off = xy[d] - place[star]
    if not epoch:
        # The median of clean images: blends must not shift it.
        return off - np.median(off[~blended[star]], axis=0)
    x, y = 2 * place[star, 0] / width - 1, 2 * place[star, 1] / height - 1
    design = np.stack([x**a * y**b for a in range(DEGREE + 1) for b in range(DEGREE + 1 - a)], 1)
    cell = lambda v: np.clip(((v + 1) / 2 * BLOCKS).astype(int), 0, BLOCKS - 1)
    fold = (2 * cell(y) + cell(x)) % FOLDS
    out = np.empty_like(off)
    for f in range(FOLDS):
        for axis in (0, 1):
            use = (fold != f) & (np.abs(off[:, axis]) < 1)
            weight = np.ones(use.sum())
            for _ in range(20):
                root = np.sqrt(weight)
                fit = np.linalg.lstsq(design[use] * root[:, None], off[use, axis] * root, rcond=None)[0]
                left = off[use, axis] - design[use] @ fit
                t = left / (6 * 1.4826 * np.median(np.abs(left)))
                weight = np.where(np.abs(t) < 1, (1 - t**2) ** 2, 0)
            out[fold == f, axis] = off[fold == f, axis] - design[fold == f] @ fit
    return out


found = {kind: residuals(xy) for kind, xy in kinds.items()}
flags, ellipticity = np.asarray(det['sex_flags'])[d], column('ellipticity')[d]
counted = wanted[star]
m = mag[star]
edges = np.quantile(m[counted], np.linspace(0, 1, MAG_BINS + 1))
groups = {'all': counted}
for low, high in zip(edges[:-1], edges[1:]):
    groups[f'mag {low:.1f}-{high:.1f}'] = counted & (m >= low) & (m <= high)
if epoch:
    groups[f'G < 16'] = counted & (m < 16)
groups |= {
    'no flag': flags == 0,
    'neighbour (1)': (flags & 7) == 1,
    'deblended (2)': (flags & 6) == 2,
    'saturated (4)': (flags & 6) == 4,
    'saturated, deblended (6)': (flags & 6) == 6,
    'long (ellipticity > 0.25)': ellipticity > 0.25,
}
if not epoch:
    b, s = blended[star], saturated[star]
    groups |= {'alone': ~b, 'alone, saturated': ~b & s, 'blended': b, 'blended, no separate detection': b & ((flags & 2) == 0)}
source = np.asarray(det['place_source'])[d]


def told(rows):
    rows = rows & counted
    one = {'n': int(rows.sum()), 'profile': float(np.mean(source[rows] == 2)) if rows.any() else None}
    for kind, off in found.items():
        e = off[rows]
        one[kind] = {'rms': float(np.sqrt(np.mean(e**2))), 'robust': float(1.4826 * np.median(np.abs(e)))} if len(e) else None
    return one


formal = np.stack([column('x_error'), column('y_error')], 1)[d]
fitted = counted & (source == 2)
pull = found['platepipe'][fitted] / formal[fitted]
worst = sorted((k for k in np.flatnonzero(counted & (m < 16))), key=lambda k: -np.hypot(*found['platepipe'][k]))[:12] if epoch else []
print(json.dumps({
    'groups': {name: told(rows) for name, rows in groups.items()},
    'scale': float(np.sqrt(abs(np.linalg.det(WCS(header).wcs.cd))) * 3600) if epoch else None,
    'pull': {'rms': float(np.sqrt(np.mean(pull**2))), 'robust': float(1.4826 * np.median(np.abs(pull)))} if fitted.any() else None,
    'worst': [{'source_id': str(ids[star[k]]), 'g': float(m[k]), 'x': float(place[star[k], 0]), 'y': float(place[star[k], 1]),
               'off': [float(v) for v in found['platepipe'][k]], 'windowed': [float(v) for v in found['windowed'][k]],
               'flags': int(flags[k])} for k in worst],
}))
