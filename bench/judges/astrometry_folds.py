"""Decides once which detection is which star, and which stars are held out when.

usage: astrometry_folds.py WORK GAIA_CSV [TRUTH_FITS]
WORK/full is platepipe's reduction with all stars; only its detections are judged. On a simulated plate the pairs come
from the truth: the detection nearest to the place of the image, both ways, within MAX_PX, blended stars left out. On a
real plate the pairs are nearest both ways within MAX_ARCSEC of the full solution, down to the magnitude where their
scatter is DEEPEST times its least: fainter pairs are mostly chance. Images that lie more than DAMAGED
times the scatter of their magnitude off that place (dust, a spike, a blend) are no measure of a plate model: `whole` is
False, as for stars that are too faint (`deep` is False). Stars are dealt to FOLDS folds by blocks of a BLOCKS x BLOCKS grid. Writes WORK/pairs.fits, and WORK/fold-N.csv:
the catalogue without the stars of that fold.
"""
import json
import sys
import warnings

import numpy as np
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS
from nearest import nearest
from places import ARCSEC, gaia_at, offsets, unit

warnings.simplefilter('ignore')
FOLDS, BLOCKS = 5, 10
MAX_PX, MAX_ARCSEC = 2.0, 2.0
DAMAGED = 5.0
DEEPEST = 2.5
NO_PLACE = 7  # NO_MEASURE, EDGE and MASKED: bits 0 to 2
PER_GROUP = 40

work, gaia_path = sys.argv[1:3]
truth_path = sys.argv[3] if len(sys.argv) > 3 else None
with fits.open(f'{work}/full/catalogue.fits') as file:
    epoch = file['CATALOGUE'].header['PLTEPOCH']
with fits.open(f'{work}/full/detections.fits') as file:
    detections = Table(file[1].data)
header = fits.getheader(f'{work}/full/wcs.fits')
wcs, width, height = WCS(header), header['IMAGEW'], header['IMAGEH']
detections = detections[(detections['reject'] & NO_PLACE) == 0]
x, y = np.asarray(detections['x'], float), np.asarray(detections['y'], float)

stars = gaia_at(gaia_path, epoch)
# Blocks need a place to a pixel only: the linear part of the full solution, which cannot diverge beyond the plate.
star_x, star_y = wcs.wcs_world2pix(stars['ra'], stars['dec'], 1)
cell = lambda value, size: np.clip((value / size * BLOCKS).astype(int), 0, BLOCKS - 1)
fold = (2 * cell(star_y, height) + cell(star_x, width)) % FOLDS


def mutual(distance, there, back, limit):
    k = np.flatnonzero((distance <= limit) & (back[there] == np.arange(len(there))))
    return k, there[k]


if truth_path:
    with fits.open(truth_path) as file:
        truth, truth_header = Table(file['TRUTH'].data), file['TRUTH'].header
    truth = truth[truth['on_plate']]
    images = np.stack([truth['x_image'], truth['y_image']], axis=1)
    places = np.stack([x, y], axis=1)
    distance, there = nearest(places, images)
    det, star = mutual(distance, there, nearest(images, places)[1], MAX_PX)
    apart = ~np.asarray(truth['blended'])[star]
    det, star = det[apart], star[apart]
    by_id = {int(s): k for k, s in enumerate(stars['source_id'])}
    row = np.array([by_id.get(int(s), -1) for s in truth['source_id'][star]])
    usable = (row >= 0) & stars['known'][row]
    det, star, row = det[usable], star[usable], row[usable]
    off = np.stack([x[det] - truth['x_image'][star], y[det] - truth['y_image'][star]], axis=1)
    brightness = np.asarray(truth['mag'])[star]
    pairs = Table({'true_x': truth['x'][star], 'true_y': truth['y'][star], 'image_x': truth['x_image'][star],
                   'image_y': truth['y_image'][star], 'true_ra': truth['ra'][star], 'true_dec': truth['dec'][star],
                   'plate_mag': truth['mag'][star], 'saturated': truth['saturated'][star]})
    pixel_um = truth_header['PIXUM']
else:
    known = np.flatnonzero(stars['known'])
    ra, dec = wcs.all_pix2world(x, y, 1)
    there_u, u = unit(ra, dec), unit(stars['ra'][known], stars['dec'][known])
    distance, there = nearest(there_u, u)
    det, star = mutual(distance, there, nearest(u, there_u)[1], MAX_ARCSEC * ARCSEC)
    row = known[star]
    off = np.stack(offsets(ra[det], dec[det], stars['ra'][row], stars['dec'][row]), axis=1)
    brightness = stars['mag'][row]
    pairs, pixel_um = Table(), None

sigma, middle = np.empty(len(det)), np.empty((len(det), 2))
order = np.argsort(brightness)
for group in np.array_split(order, max(1, len(order) // PER_GROUP)):
    middle[group] = np.median(off[group], axis=0)
    sigma[group] = 1.4826 * np.median(np.abs(off[group] - middle[group]))
whole = np.max(np.abs(off - middle), axis=1) <= DAMAGED * sigma
deepest = np.inf if truth_path else np.max(brightness[sigma <= DEEPEST * np.min(sigma)])
pairs['deep'] = brightness <= deepest
pairs['whole'] = whole & pairs['deep']

# The nearest other star of the catalogue down to three magnitudes fainter: a neighbour that spoils an image.
u = unit(stars['ra'], stars['dec'])
apart = np.full(len(row), np.inf)
for n, k in enumerate(row):
    others = np.flatnonzero(stars['mag'] < stars['mag'][k] + 3)
    others = others[others != k]
    if len(others):
        apart[n] = np.sqrt(np.min(((u[others] - u[k]) ** 2).sum(1))) / ARCSEC
pairs['neighbour_arcsec'] = apart
for name in ('det_id', 'x', 'y', 'sex_flags', 'reject'):
    pairs[name] = np.asarray(detections[name])[det]
for name, values in stars.items():
    pairs[name] = values[row]
pairs['fold'] = fold[row]
cards = {'EPOCHYR': epoch, 'WIDTH': width, 'HEIGHT': height, 'PIXELUM': pixel_um,
         'SCALE': float(np.sqrt(abs(np.linalg.det(wcs.wcs.cd))) * 3600)}
hdu = fits.BinTableHDU(pairs, name='PAIRS')
hdu.header.update({k: v for k, v in cards.items() if v is not None})
hdu.writeto(f'{work}/pairs.fits', overwrite=True)

with open(gaia_path) as file:
    first, *lines = file.read().splitlines()
for n in range(FOLDS):
    kept = [line for line, f in zip(lines, fold) if f != n]
    with open(f'{work}/fold-{n}.csv', 'w') as file:
        file.write('\n'.join([first, *kept]) + '\n')
print(json.dumps({'pairs': len(pairs), 'whole': int(np.sum(pairs['whole'])), 'folds': FOLDS, 'epoch_yr': epoch}))
