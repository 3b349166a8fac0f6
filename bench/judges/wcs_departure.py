"""How far do WCS files depart from the places that a plate truly has?

usage: wcs_departure.py < CASES
CASES is JSON: a list of {path, pixels: [[x, y], …], sky: [[ra, dec], …]}, FITS pixels and degrees; a path ends with
.fits (a header alone, SIP) or .head (lines of cards, TPV). Prints JSON, for each case: the largest distance of astropy's
places from the given ones, in pixels of the linear part of the header, and for SIP that of its inverse polynomial.
"""
import json
import sys
import warnings

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

warnings.simplefilter('ignore')


def standard(sky, crval):
    """Gnomonic standard coordinates, degrees."""
    ra, dec = np.radians(sky).T
    ra0, dec0 = np.radians(crval)
    depth = np.sin(dec) * np.sin(dec0) + np.cos(dec) * np.cos(dec0) * np.cos(ra - ra0)
    xi = np.cos(dec) * np.sin(ra - ra0) / depth
    eta = (np.sin(dec) * np.cos(dec0) - np.cos(dec) * np.sin(dec0) * np.cos(ra - ra0)) / depth
    return np.degrees(np.stack([xi, eta], axis=1))


found = []
for case in json.load(sys.stdin):
    is_sip = case['path'].endswith('.fits')
    header = fits.getheader(case['path']) if is_sip else fits.Header.fromtextfile(case['path'])
    wcs = WCS(header)
    pixels, sky = np.array(case['pixels']), np.array(case['sky'])
    to_pixels = np.linalg.inv(wcs.wcs.cd).T
    true = standard(sky, wcs.wcs.crval) @ to_pixels
    there = standard(wcs.all_pix2world(pixels, 1), wcs.wcs.crval) @ to_pixels
    back = wcs.sip_foc2pix(true, 1) - pixels if is_sip else np.zeros((1, 2))
    found.append([float(np.hypot(*(there - true).T).max()), float(np.hypot(*back.T).max())])
print(json.dumps(found))
