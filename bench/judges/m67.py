"""Judges a reduction against Gaia stars without trusting solution.json.

usage: m67.py RESULT_FOLDER GAIA_CSV MATCH_RADIUS_ARCSEC
Prints JSON: the figures of the row m67 of docs/accuracy.md.
"""
import json
import sys
import warnings

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS
from nearest import nearest

warnings.simplefilter('ignore')
folder, gaia_path, radius_arcsec = sys.argv[1], sys.argv[2], float(sys.argv[3])
ARCSEC = np.pi / 180 / 3600
RIGHT_CENTRE = SkyCoord(132.8340, 11.8118, unit='deg')


def unit(ra_deg, dec_deg):
    ra, dec = np.radians(ra_deg), np.radians(dec_deg)
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)


def offsets(ra, dec, ref_ra, ref_dec):
    """Plate minus reference in true arc, arcsec, on the tangent plane of the reference star."""
    u, r, d = unit(ra, dec), np.radians(ref_ra), np.radians(ref_dec)
    east = np.stack([-np.sin(r), np.cos(r), np.zeros_like(r)], axis=-1)
    north = np.stack([-np.sin(d) * np.cos(r), -np.sin(d) * np.sin(r), np.cos(d)], axis=-1)
    return (u * east).sum(-1) / ARCSEC, (u * north).sum(-1) / ARCSEC


def rms(values):
    return float(np.sqrt(np.mean(np.square(values))))


def figures(dra, ddec):
    return {'pairs': len(dra), 'rms_ra': rms(dra), 'rms_dec': rms(ddec)}


with fits.open(f'{folder}/catalogue.fits') as file:
    catalogue, header = Table(file['CATALOGUE'].data), file['CATALOGUE'].header
epoch = header['PLTEPOCH']
wcs_header = fits.getheader(f'{folder}/wcs.fits')
wcs = WCS(wcs_header)
middle = wcs.pixel_to_world((wcs_header['IMAGEW'] - 1) / 2, (wcs_header['IMAGEH'] - 1) / 2)

matched = catalogue[catalogue['source_id'] != 0]
dra, ddec = offsets(matched['ra'], matched['dec'], matched['ref_ra'], matched['ref_dec'])

# The judge's own motion of the stars to the epoch of the plate: u(t) = u0 + dt (mu_a p + mu_d q), normalised.
gaia = Table.read(gaia_path, format='csv', fill_values=[('', '0')])
moving = ~np.ma.getmaskarray(gaia['pmra'])
gaia = gaia[moving]
years = epoch - np.asarray(gaia['ref_epoch'], float)
ra0, dec0 = np.radians(np.asarray(gaia['ra'], float)), np.radians(np.asarray(gaia['dec'], float))
p = np.stack([-np.sin(ra0), np.cos(ra0), np.zeros_like(ra0)], axis=-1)
q = np.stack([-np.sin(dec0) * np.cos(ra0), -np.sin(dec0) * np.sin(ra0), np.cos(dec0)], axis=-1)
mas = ARCSEC / 1000
u = (
    unit(np.asarray(gaia['ra'], float), np.asarray(gaia['dec'], float))
    + p * (np.asarray(gaia['pmra'], float) * years * mas)[:, None]
    + q * (np.asarray(gaia['pmdec'], float) * years * mas)[:, None]
)
u /= np.linalg.norm(u, axis=1)[:, None]
gaia_ra, gaia_dec = np.degrees(np.arctan2(u[:, 1], u[:, 0])) % 360, np.degrees(np.arcsin(u[:, 2]))

by_id = {int(s): k for k, s in enumerate(gaia['source_id'])}
rows = np.array([by_id[int(s)] for s in matched['source_id']])
move_ra, move_dec = offsets(matched['ref_ra'], matched['ref_dec'], gaia_ra[rows], gaia_dec[rows])
reference_move_mas = float(1000 * np.max(np.hypot(move_ra, move_dec)))


def mutual(stars):
    """Pairs of the catalogue's rows and Gaia, nearest in both directions, within the radius."""
    v = unit(np.asarray(stars['ra']), np.asarray(stars['dec']))
    limit = radius_arcsec * ARCSEC
    distance, there = nearest(v, u)
    _, back = nearest(u, v)
    i = np.flatnonzero((distance <= limit) & (back[there] == np.arange(len(v))))
    k = there[i]
    return offsets(stars['ra'][i], stars['dec'][i], gaia_ra[k], gaia_dec[k])


# NO_MEASURE, EDGE and MASKED (bits 0 to 2): there is no place to judge.
placed = catalogue[(catalogue['reject'] & 7) == 0]
independent = figures(*mutual(placed))
deepest = np.max(matched['mag_inst'])
independent['within_depth'] = figures(*mutual(placed[placed['mag_inst'] <= deepest]))

# Held out: a quadratic in x and y from the other four fifths, in 25 blocks on the plate dealt out to five folds.
x, y = np.asarray(matched['x'], float), np.asarray(matched['y'], float)
half = max(wcs_header['IMAGEW'], wcs_header['IMAGEH']) / 2
s, t = x / half - 1, y / half - 1
terms = np.stack([np.ones_like(s), s, t, s * s, s * t, t * t], axis=1)
centre = np.array([middle.ra.deg]), np.array([middle.dec.deg])
normal = unit(*centre)[0]
w = unit(np.asarray(matched['ref_ra']), np.asarray(matched['ref_dec']))
r, d = np.radians(centre[0][0]), np.radians(centre[1][0])
east, north = np.array([-np.sin(r), np.cos(r), 0]), np.array([-np.sin(d) * np.cos(r), -np.sin(d) * np.sin(r), np.cos(d)])
plane = np.stack([w @ east, w @ north], axis=1) / (w @ normal)[:, None] / ARCSEC
blocks = np.clip(((s + 1) * 2.5).astype(int), 0, 4) + 5 * np.clip(((t + 1) * 2.5).astype(int), 0, 4)
fold = (2 * (blocks // 5) + blocks) % 5
errors = np.empty_like(plane)
for n in range(5):
    train = fold != n
    constants, *_ = np.linalg.lstsq(terms[train], plane[train], rcond=None)
    errors[~train] = terms[~train] @ constants - plane[~train]

print(json.dumps({
    'epoch_yr': epoch,
    'centre_off_arcsec': float(middle.separation(RIGHT_CENTRE).arcsec),
    'published': figures(dra, ddec),
    'heldout': {'rms_ra': rms(errors[:, 0]), 'rms_dec': rms(errors[:, 1])},
    'independent': independent,
    'reference_move_mas': reference_move_mas,
}))
