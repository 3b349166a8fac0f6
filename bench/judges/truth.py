"""Judges the solution of a simulated plate by its truth: truth stars through wcs.fits to pixels.

usage: truth.py TRUTH_FITS RESULT_FOLDER
Bright stars: the brightest 200 that are on the plate and not blended.
"""
import json
import sys
import warnings

import numpy as np
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS

warnings.simplefilter('ignore')
truth_path, folder = sys.argv[1:3]
BRIGHT_STARS = 200
SAME_IMAGE_PX = 3

with fits.open(truth_path) as file:
    truth = Table(file['TRUTH'].data)
with fits.open(f'{folder}/catalogue.fits') as file:
    catalogue = Table(file['CATALOGUE'].data)
wcs = WCS(fits.getheader(f'{folder}/wcs.fits'))

true_place = {int(s): (x, y) for s, x, y in truth['source_id', 'x_image', 'y_image']}
matched = catalogue[catalogue['source_id'] != 0]
off = np.array([
    np.hypot(x - true_place[int(s)][0], y - true_place[int(s)][1]) if int(s) in true_place else np.inf
    for s, x, y in matched['source_id', 'x', 'y']
])

stars = truth[truth['on_plate'] & ~truth['blended']]
stars.sort('mag')
x, y = wcs.all_world2pix(stars['ra'], stars['dec'], 1, quiet=True)
distance = np.hypot(x - stars['x'], y - stars['y'])
distance[~np.isfinite(distance)] = np.inf

print(json.dumps({
    'stars': len(stars),
    'median': float(np.median(distance)),
    'p95': float(np.quantile(distance, 0.95)),
    'max': float(np.max(distance)),
    'bright_within': float(np.mean(distance[:BRIGHT_STARS] <= 1)),
    'wrong_ids': int(np.sum(off > SAME_IMAGE_PX)),
    'matched': len(matched),
}))
