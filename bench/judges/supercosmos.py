"""How many of SuperCOSMOS's own single stars platepipe detects.

usage: supercosmos.py PLATE_FITS DETECTIONS_FITS
Stars: CLASS 2 and BLEND 0 ("Deblending flag (0 if not deblended)") in IAM_DATA. Prints JSON.
"""
import json
import sys
import warnings

import numpy as np
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS
from nearest import nearest

warnings.simplefilter('ignore')
plate_path, detections_path = sys.argv[1:3]
RADIUS_PX = 1.5
SHIFT_PX = 15  # beyond the images themselves: what is found there is found by chance

with fits.open(plate_path) as file:
    header, objects = file[0].header, Table(file['IAM_DATA'].data)
detections = Table(fits.getdata(detections_path))

# XCEN_I and YCEN_I are 0.01 µm on the plate, pixels are XPIXELSZ by YPIXELSZ µm: only the origin is unknown. It comes from
# RA and Dec through the header's WCS (its CD matrix alone: CDELT and CROTA beside it confuse wcslib).
wcs = WCS(naxis=2)
wcs.wcs.ctype = header['CTYPE1'], header['CTYPE2']
wcs.wcs.crval = header['CRVAL1'], header['CRVAL2']
wcs.wcs.crpix = header['CRPIX1'], header['CRPIX2']
wcs.wcs.cd = [[header['CD1_1'], header['CD1_2']], [header['CD2_1'], header['CD2_2']]]
wcs_x, wcs_y = wcs.all_world2pix(np.degrees(objects['RA']), np.degrees(objects['DEC']), 1)
scaled_x = np.asarray(objects['XCEN_I']) / 100 / header['XPIXELSZ']
scaled_y = np.asarray(objects['YCEN_I']) / 100 / header['YPIXELSZ']
x = scaled_x + np.median(wcs_x - scaled_x)
y = scaled_y + np.median(wcs_y - scaled_y)

stars = (objects['CLASS'] == 2) & (objects['BLEND'] == 0)
places = np.stack([detections['x'], detections['y']], axis=1)


def nearest_to_shifted(dx, dy):
    return nearest(np.stack([x[stars] + dx, y[stars] + dy], axis=1), places)


distance, row = nearest_to_shifted(0, 0)
hit = distance <= RADIUS_PX
chance = np.mean([
    nearest_to_shifted(dx, dy)[0] <= RADIUS_PX for dx in (-SHIFT_PX, SHIFT_PX) for dy in (-SHIFT_PX, SHIFT_PX)
])
missed = stars.copy()
missed[stars] = ~hit
print(json.dumps({
    'stars': int(stars.sum()),
    'found': float(hit.mean()),
    'unrejected': float((hit & (np.asarray(detections['reject'])[row] == 0)).mean()),
    'chance': float(chance),
    'detections': len(detections),
    'offset': [float(np.median(detections['x'][row[hit]] - x[stars][hit])), float(np.median(detections['y'][row[hit]] - y[stars][hit]))],
    'median_px': float(np.median(distance[hit])),
    'wcs_scatter_px': float(max(np.std(wcs_x - x), np.std(wcs_y - y))),
    'missed_area': float(np.median(objects['AREA'][missed])) if missed.any() else None,
    'area': float(np.median(objects['AREA'][stars])),
}))
