"""Where do astropy (ERFA's pmsafe) and the equations of the Hipparcos Catalogue put stars at other epochs?

usage: space_motion.py < JSON with `stars`, `spansYr`, and for `hipparcos` each star's `covariance`
Each star: raDeg, decDeg, pmRaMasYr, pmDecMasYr, parallaxMas, radialVelocityKmS, null where not known. Prints JSON:
`astropy`: for every span the columns ra, dec (rad), pm_ra, pm_dec (mas/yr), parallax (mas), rv (km/s), light-time included;
`hipparcos`: for every span the same without light-time, and the covariance matrices, after ESA SP-1200 vol. 1 section 1.5.5.
Proper motions in right ascension include cos(dec). Without a parallax above zero astropy is given no distance.
"""
import json
import sys
import warnings

import astropy.units as u
import erfa
import numpy as np
from astropy.coordinates import Distance, SkyCoord
from astropy.time import Time

warnings.simplefilter('ignore')
given = json.load(sys.stdin)
COLUMNS = ['raDeg', 'decDeg', 'pmRaMasYr', 'pmDecMasYr', 'parallaxMas', 'radialVelocityKmS']
star = {
    k: np.array([np.nan if s.get(k) is None else s[k] for s in given['stars']], float) for k in COLUMNS
}
EPOCH_YR = 2016.0
# ERFA before 2.0.1 drops its relativistic radial term where rounding makes the radial velocity exactly 0, for a quarter of the
# stars that have none: 3 mas over 150 yr at 10 arcsec/yr, and 0.7 mas at 0.1 arcsec/yr where it has to bound the distance. A
# velocity of a micrometre per second avoids that.
NO_RV_KM_S = 1e-9
MAS = np.radians(1 / 3.6e6)
KM_S_PER_AU_YR = (u.au / (365.25 * u.day)).to_value(u.km / u.s)


def by_astropy(span_yr):
    """apply_space_motion, in two groups: SkyCoord takes a distance for all of its stars or for none."""
    out = {k: np.full(len(star['raDeg']), np.nan) for k in ('ra', 'dec', 'pm_ra', 'pm_dec', 'parallax', 'rv')}
    near = star['parallaxMas'] > 0
    for some in (near, ~near):
        if not some.any():
            continue
        s = {k: np.nan_to_num(v[some]) for k, v in star.items()}
        s['radialVelocityKmS'][s['radialVelocityKmS'] == 0] = NO_RV_KM_S
        motion = {
            'pm_ra_cosdec': s['pmRaMasYr'] * u.mas / u.yr,
            'pm_dec': s['pmDecMasYr'] * u.mas / u.yr,
            'radial_velocity': s['radialVelocityKmS'] * u.km / u.s,
        }
        if some is near:
            motion['distance'] = Distance(parallax=s['parallaxMas'] * u.mas)
        here = SkyCoord(
            ra=s['raDeg'] * u.deg,
            dec=s['decDeg'] * u.deg,
            obstime=Time(EPOCH_YR, format='jyear', scale='tdb'),
            **motion,
        )
        there = here.apply_space_motion(new_obstime=Time(EPOCH_YR + span_yr, format='jyear', scale='tdb'))
        out['ra'][some] = there.ra.rad
        out['dec'][some] = there.dec.rad
        out['pm_ra'][some] = there.pm_ra_cosdec.to_value(u.mas / u.yr)
        out['pm_dec'][some] = there.pm_dec.to_value(u.mas / u.yr)
        if some is near:
            out['parallax'][some] = there.distance.to_value(u.mas, u.parallax())
            out['rv'][some] = there.radial_velocity.to_value(u.km / u.s)
    return out


def by_hipparcos(span_yr):
    """f, u, mu, zeta and their partial derivatives with respect to (alpha*, delta, parallax, mu_alpha*, mu_delta, zeta)."""
    t = span_yr
    rows = {k: [] for k in ('ra', 'dec', 'pm_ra', 'pm_dec', 'parallax', 'rv', 'covariance')}
    for i, one in enumerate(given['stars']):
        ra, dec = np.radians(one['raDeg']), np.radians(one['decDeg'])
        mu_a, mu_d = one['pmRaMasYr'] * MAS, one['pmDecMasYr'] * MAS
        plx, rv = one['parallaxMas'] * MAS, one['radialVelocityKmS']
        zeta = rv * plx / KM_S_PER_AU_YR
        p0 = np.array([-np.sin(ra), np.cos(ra), 0])
        q0 = np.array([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)])
        r0 = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
        mu0 = mu_a * p0 + mu_d * q0
        z = 1 + zeta * t
        square = mu_a**2 + mu_d**2
        f = (1 + 2 * zeta * t + (square + zeta**2) * t**2) ** -0.5
        r = (z * r0 + t * mu0) * f
        mu = (z * mu0 - square * t * r0) * f**3
        zeta1 = (zeta + (square + zeta**2) * t) * f**2
        plx1 = plx * f
        p = np.array([-r[1], r[0], 0]) / np.hypot(r[0], r[1])
        q = np.cross(r, p)
        rows['ra'].append(np.arctan2(r[1], r[0]) % (2 * np.pi))
        rows['dec'].append(np.arctan2(r[2], np.hypot(r[0], r[1])))
        rows['pm_ra'].append(p @ mu / MAS)
        rows['pm_dec'].append(q @ mu / MAS)
        rows['parallax'].append(plx1 / MAS)
        rows['rv'].append(zeta1 * KM_S_PER_AU_YR / plx1)
        if 'covariance' not in one:
            continue
        jacobian = np.zeros((6, 6))
        kept = f * mu0 - 3 * z * mu
        for row, axis in ((0, p), (1, q)):
            pm = axis @ mu
            for column, (axis0, m0) in enumerate(((p0, mu_a), (q0, mu_d))):
                jacobian[row, column] = (axis @ axis0 * z - axis @ r0 * m0 * t) * f
                jacobian[row, 3 + column] = axis @ axis0 * t * f
                jacobian[3 + row, column] = -(axis @ axis0 * square * t + axis @ r0 * m0 * z) * f**3
                jacobian[3 + row, 3 + column] = (
                    axis @ axis0 * z * f**3 - 2 * axis @ r0 * m0 * t * f**3 - 3 * pm * m0 * t**2 * f**2
                )
            jacobian[row, 5] = -pm * t**2
            jacobian[3 + row, 5] = axis @ kept * t * f**2
        jacobian[2, 2] = f
        for column, m0 in ((3, mu_a), (4, mu_d)):
            jacobian[2, column] = -plx1 * m0 * t**2 * f**2
            jacobian[5, column] = 2 * m0 * z * t * f**4
        jacobian[2, 5] = -plx1 * z * t * f**2
        jacobian[5, 5] = (z**2 - square * t**2) * f**4
        # Covariances come and go with the radial velocity: zeta = rv * plx / A, in mas/yr as the motions.
        into = np.eye(6)
        into[5, 2], into[5, 5] = rv / KM_S_PER_AU_YR, one['parallaxMas'] / KM_S_PER_AU_YR
        out_of = np.eye(6)
        plx1_mas, zeta1_mas = plx1 / MAS, zeta1 / MAS
        out_of[5, 2], out_of[5, 5] = -zeta1_mas * KM_S_PER_AU_YR / plx1_mas**2, KM_S_PER_AU_YR / plx1_mas
        whole = out_of @ jacobian @ into
        rows['covariance'].append((whole @ np.array(one['covariance']).reshape(6, 6) @ whole.T).ravel())
    return rows


answer = {'versions': f'astropy with ERFA {erfa.__version__}'}
if given.get('hipparcos'):
    answer['hipparcos'] = [by_hipparcos(span) for span in given['spansYr']]
else:
    answer['astropy'] = [by_astropy(span) for span in given['spansYr']]
json.dump(answer, sys.stdout, default=lambda a: np.asarray(a).tolist())
