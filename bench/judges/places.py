"""Places on the sphere, and Gaia's stars at another epoch: what the judges of astrometry share, written without platepipe.

Angles in degrees, residuals in arcsec of true arc, epochs in Julian years.
"""
import csv

import numpy as np

ARCSEC = np.pi / 180 / 3600
MAS = ARCSEC / 1000


def unit(ra_deg, dec_deg):
    ra, dec = np.radians(ra_deg), np.radians(dec_deg)
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)


def axes(ra_deg, dec_deg):
    """Unit vectors to the east and to the north at these places."""
    ra, dec = np.radians(ra_deg), np.radians(dec_deg)
    east = np.stack([-np.sin(ra), np.cos(ra), np.zeros_like(ra)], axis=-1)
    north = np.stack([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)], axis=-1)
    return east, north


def offsets(ra, dec, ref_ra, ref_dec):
    """Place minus reference to the east and north, arcsec."""
    east, north = axes(ref_ra, ref_dec)
    u = unit(ra, dec)
    return (u * east).sum(-1) / ARCSEC, (u * north).sum(-1) / ARCSEC


def number(text):
    return float(text) if text not in ('', 'null', 'nan') else np.nan


def gaia_at(path, epoch_yr):
    """Every row of a Gaia CSV at the epoch: dict of arrays, rows in the order of the file. `known` is False where there
    is no motion. Without error columns the errors are 0. Two-dimensional motion on the unit vector: what three
    dimensions add is below 0.1 mas but for the nearest stars."""
    with open(path, newline='') as file:
        rows = list(csv.DictReader(file))
    value = lambda name: np.array([number(row.get(name, '')) for row in rows])
    ra, dec, pm_ra, pm_dec = (value(name) for name in ('ra', 'dec', 'pmra', 'pmdec'))
    years = epoch_yr - value('ref_epoch')
    known = np.isfinite(pm_ra)
    move = np.where(known, 1, 0) * years
    east, north = axes(ra, dec)
    u = unit(ra, dec)
    u = u + east * (np.nan_to_num(pm_ra) * move * MAS)[:, None] + north * (np.nan_to_num(pm_dec) * move * MAS)[:, None]
    u /= np.linalg.norm(u, axis=1)[:, None]
    error = lambda place, motion: np.hypot(np.nan_to_num(value(place)), np.nan_to_num(value(motion)) * years)
    return {
        'source_id': np.array([int(row['source_id']) for row in rows]),
        'ra': np.degrees(np.arctan2(u[:, 1], u[:, 0])) % 360,
        'dec': np.degrees(np.arcsin(u[:, 2])),
        'ra_error_mas': error('ra_error', 'pmra_error'),
        'dec_error_mas': error('dec_error', 'pmdec_error'),
        'mag': value('phot_g_mean_mag'),
        'bp_rp': value('bp_rp'),
        'known': known,
    }
