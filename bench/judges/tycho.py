"""Judges a solution by the Tycho-2 stars of the astrometry.net index, without platepipe's pairing.

usage: tycho.py SCAN RESULT_FOLDER VT_LIMIT
Each star goes through wcs.fits to pixels; the nearest unrejected detection within 3 px is its image. Prints JSON: in each
ninth of the plate, and over all, the stars predicted, the share found, the median distance; and where SCAN has a
linear WCS of its own, the median distance of the same detections from its predictions.
"""
import json
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS
from nearest import nearest

warnings.simplefilter('ignore')
scan, folder, vt_limit = sys.argv[1], sys.argv[2], float(sys.argv[3])
INDEX = '/usr/share/astrometry/index-tycho2-07.littleendian.fits'
RADIUS_PX = 3

header = fits.getheader(f'{folder}/wcs.fits')
width, height = header['IMAGEW'], header['IMAGEH']
wcs = WCS(header)
centre = wcs.pixel_to_world((width - 1) / 2, (height - 1) / 2)
corners = wcs.pixel_to_world([0, width - 1, 0, width - 1], [0, 0, height - 1, height - 1])
radius = 1.05 * centre.separation(corners).deg.max()
with tempfile.NamedTemporaryFile(suffix='.fits') as listed:
    place = ['-r', f'{centre.ra.deg:.8f}', '-d', f'{centre.dec.deg:.8f}', '-R', f'{radius:.6f}']
    subprocess.run(['query-starkd', *place, '-t', 'MAG_VT', '-o', listed.name, INDEX], check=True, capture_output=True)
    stars = Table(fits.getdata(listed.name))
stars = stars[stars['MAG_VT'] < vt_limit]

x, y = wcs.all_world2pix(stars['RA'], stars['DEC'], 1, quiet=True)
on = np.isfinite(x) & (x >= 1) & (x <= width) & (y >= 1) & (y <= height)
stars, x, y = stars[on], x[on], y[on]
with fits.open(f'{folder}/detections.fits') as file:
    detections = Table(file[1].data)
with fits.open(f'{folder}/catalogue.fits') as file:
    reference = file['CATALOGUE'].header['REFCAT']
good = detections[detections['reject'] == 0]
places = np.stack([good['x'], good['y']], axis=1)
distance, image = nearest(np.stack([x, y], axis=1), places)
found = distance <= RADIUS_PX

archive = np.full(len(stars), np.nan)
own = WCS(fits.getheader(scan)) if not scan.endswith('.tif') else None
if own is not None and own.has_celestial:
    ax, ay = own.all_world2pix(stars['RA'], stars['DEC'], 1)
    archive[found] = np.hypot(ax[found] - places[image[found], 0], ay[found] - places[image[found], 1])


def figures(chosen):
    hit = chosen & found
    median = lambda values: float(np.median(values)) if len(values) and np.all(np.isfinite(values)) else None
    return {
        'stars': int(chosen.sum()),
        'found': float(hit.sum() / max(1, chosen.sum())),
        'median_px': median(distance[hit]),
        'archive_px': median(archive[hit]),
    }


column = np.minimum((3 * (x - 0.5) / width).astype(int), 2)
row = np.minimum((3 * (y - 0.5) / height).astype(int), 2)
print(json.dumps({
    'reference': reference,
    'ninths': [figures((row == r) & (column == c)) for r in range(3) for c in range(3)],
    'all': figures(np.ones(len(stars), bool)),
}))
