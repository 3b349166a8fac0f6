"""Do wcs.fits in astropy, and scamp.head in astropy and in SWarp, agree with the plate constants?

usage: wcs.py RESULT_FOLDER WORK_FOLDER
The plate constants are those of solution.json, for their reference star (plate_constants.py). astropy turns every x, y of
the catalogue into a place. For SWarp, round images are drawn at x, y of catalogue rows that stand apart, SWarp resamples
them through scamp.head onto an undistorted grid, and where it put them is compared with where the grid has their places.
Prints JSON: the largest departures, px, and those that solution.json tells.
"""
import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS

from plate_constants import sky

warnings.simplefilter('ignore')
folder, work = Path(sys.argv[1]), Path(sys.argv[2])
SIGMA_PX = 2.0  # of the drawn images: well sampled
STAMP_PX = 10
APART_PX = 24
MARGIN_PX = 100  # the undistorted grid reaches this far beyond the scan

with fits.open(folder / 'catalogue.fits') as file:
    catalogue = Table(file['CATALOGUE'].data)
sip = fits.getheader(folder / 'wcs.fits')
width, height = sip['IMAGEW'], sip['IMAGEH']
tpv = fits.Header.fromtextfile(folder / 'scamp.head')
x, y = np.asarray(catalogue['x']), np.asarray(catalogue['y'])
exposure = json.loads((folder / 'solution.json').read_text())['exposures'][0]
ra, dec = sky(exposure, x, y)
scale_deg = np.sqrt(abs(np.linalg.det(WCS(sip).wcs.cd)))


def departures(header):
    there_ra, there_dec = WCS(header).all_pix2world(x, y, 1)
    d_ra = (there_ra - ra + 180) % 360 - 180
    return np.hypot(d_ra * np.cos(np.radians(dec)), there_dec - dec) / scale_deg


def back(header):
    """Sky to pixel through the file's own inverse polynomials, where it has them."""
    px, py = WCS(header).all_world2pix(ra, dec, 1, quiet=True)
    return np.hypot(px - x, py - y)


def spread_out():
    inside = (x > 2 * STAMP_PX) & (x < width - 2 * STAMP_PX) & (y > 2 * STAMP_PX) & (y < height - 2 * STAMP_PX)
    rows, taken = np.flatnonzero(inside), []
    places = np.stack([x, y], axis=1)
    free = np.ones(len(rows), bool)
    for k in range(len(rows)):
        if free[k]:
            taken.append(rows[k])
            free[np.hypot(*(places[rows] - places[rows[k]]).T) < APART_PX] = False
    return np.array(taken)


def centroid(image, x0, y0):
    """Gaussian-weighted centre about a first guess, iterated; FITS pixels. Exact for a round image."""
    for _ in range(30):
        cx, cy = int(round(x0)), int(round(y0))
        part = image[cy - STAMP_PX - 1 : cy + STAMP_PX, cx - STAMP_PX - 1 : cx + STAMP_PX].astype(float)
        xs, ys = np.meshgrid(np.arange(cx - STAMP_PX, cx + STAMP_PX + 1), np.arange(cy - STAMP_PX, cy + STAMP_PX + 1))
        weight = part * np.exp(-((xs - x0) ** 2 + (ys - y0) ** 2) / (2 * SIGMA_PX**2))
        # Twice the step: weight and image are equally wide, so the weighted centre moves half of the way.
        step_x, step_y = 2 * np.sum(weight * (xs - x0)) / weight.sum(), 2 * np.sum(weight * (ys - y0)) / weight.sum()
        x0, y0 = x0 + step_x, y0 + step_y
        if np.hypot(step_x, step_y) < 1e-6:
            break
    return x0, y0


def through_swarp():
    if work.exists():
        shutil.rmtree(work)
    work.mkdir(parents=True)
    rows = spread_out()
    drawn = np.zeros((height, width), 'f4')
    for row in rows:
        cx, cy = int(round(x[row])), int(round(y[row]))
        xs, ys = np.meshgrid(np.arange(cx - STAMP_PX, cx + STAMP_PX + 1), np.arange(cy - STAMP_PX, cy + STAMP_PX + 1))
        stamp = 1000 * np.exp(-((xs - x[row]) ** 2 + (ys - y[row]) ** 2) / (2 * SIGMA_PX**2))
        drawn[cy - STAMP_PX - 1 : cy + STAMP_PX, cx - STAMP_PX - 1 : cx + STAMP_PX] += stamp
    fits.writeto(work / 'drawn.fits', drawn)
    shutil.copy(folder / 'scamp.head', work / 'drawn.head')
    grid = fits.Header()
    grid['NAXIS'] = 2
    grid['NAXIS1'], grid['NAXIS2'] = width + 2 * MARGIN_PX, height + 2 * MARGIN_PX
    for axis, kind in ((1, 'RA---TAN'), (2, 'DEC--TAN')):
        grid[f'CTYPE{axis}'], grid[f'CUNIT{axis}'] = kind, 'deg'
        grid[f'CRVAL{axis}'], grid[f'CRPIX{axis}'] = tpv[f'CRVAL{axis}'], tpv[f'CRPIX{axis}'] + MARGIN_PX
        for other in (1, 2):
            grid[f'CD{axis}_{other}'] = tpv[f'CD{axis}_{other}']
    grid['RADESYS'], grid['EQUINOX'] = 'ICRS', 2000.0
    grid.totextfile(work / 'out.head', endcard=True)
    options = {
        'IMAGEOUT_NAME': 'out.fits', 'WEIGHTOUT_NAME': 'weight.fits', 'SUBTRACT_BACK': 'N', 'FSCALASTRO_TYPE': 'NONE',
        'PROJECTION_ERR': '0', 'RESAMPLING_TYPE': 'LANCZOS4', 'NTHREADS': '1', 'WRITE_XML': 'N', 'VERBOSE_TYPE': 'QUIET',
    }
    arguments = [part for name, value in options.items() for part in (f'-{name}', value)]
    subprocess.run(['SWarp', 'drawn.fits', *arguments], cwd=work, check=True, capture_output=True)
    resampled = fits.getdata(work / 'out.fits')
    expected_x, expected_y = WCS(grid).all_world2pix(ra[rows], dec[rows], 1)
    found = np.array([centroid(resampled, *place) for place in zip(expected_x, expected_y)])
    linear_off = np.hypot(expected_x - MARGIN_PX - x[rows], expected_y - MARGIN_PX - y[rows])
    return np.hypot(found[:, 0] - expected_x, found[:, 1] - expected_y), linear_off


swarp, linear_off = through_swarp()
print(json.dumps({
    'rows': len(catalogue),
    'departs': exposure['wcs'],
    'astropy_sip': float(departures(sip).max()),
    'astropy_sip_inverse': float(back(sip).max()),
    'astropy_tpv': float(departures(tpv).max()),
    'swarp': float(swarp.max()),
    'swarp_median': float(np.median(swarp)),
    'swarp_stars': len(swarp),
    'distortion': float(linear_off.max()),
}))
