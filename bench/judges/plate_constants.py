"""The plate constants of a solution.json as a function, by the equations that the file names; numpy alone.

`sky(exposure, x, y, mag, bp_rp)` gives right ascension and declination, degrees, of images of these magnitudes (mag_model of
the catalogue) and colours; without them, of the reference star, where every term in magnitude and colour is nil.
"""
import numpy as np


def off(value, reference, span):
    """From the reference star's, kept within the range; nil where it is not known."""
    return 0.0 if value is None else np.nan_to_num(np.clip(value, *span) - reference)


def standard(coefficients, x, y, mag=None, bp_rp=None):
    """ξ and η, arcsec."""
    frame = coefficients['frame']
    u, v = (x - frame['x0']) / frame['half_px'], (y - frame['y0']) / frame['half_px']
    total = {'xi_arcsec': np.zeros_like(u), 'eta_arcsec': np.zeros_like(u)}

    def add(term, value):
        for axis in total:
            total[axis] = total[axis] + term[axis] * value

    for term in coefficients['terms']:
        add(term, u ** term['u'] * v ** term['v'])
    for term in coefficients['periodic_terms']:
        along = {'x': x, 'y': y}[term['axis']]
        add(term, {'sin': np.sin, 'cos': np.cos}[term['phase']](2 * np.pi * along / term['period_px']))
    for term in coefficients['tile_terms']:
        def within(value, span):
            low, high = (-np.inf if span[0] is None else span[0]), (np.inf if span[1] is None else span[1])
            return (value > low) & (value <= high)
        add(term, (within(x, term['x_px']) & within(y, term['y_px'])).astype(float))
    star = coefficients['reference_star']
    for term in coefficients['star_terms']:
        add(term, u ** term['u'] * v ** term['v']
            * off(mag, star['mag'], star['mag_range']) ** term['m'] * off(bp_rp, star['bp_rp'], star['bp_rp_range']) ** term['c'])
    if coefficients['local'] is not None:
        for axis, value in local(coefficients['local'], u, v).items():
            total[axis] = total[axis] + value
    return total['xi_arcsec'], total['eta_arcsec']


def local(field, u, v):
    """Uniform cubic B-splines, by their recursion."""
    intervals = field['intervals']
    width = 2 / intervals
    knots = -1 + width * np.arange(-3, intervals + 4)

    def splines(s):
        s = np.clip(s, -1, 1)[:, None]
        values = ((s >= knots[:-1]) & (s < knots[1:])).astype(float)
        values[s[:, 0] >= 1, intervals + 2] = 1  # the last interval has its end
        values[s[:, 0] >= 1, intervals + 3:] = 0
        for degree in range(1, 4):
            left = (s - knots[: -degree - 1]) / (degree * width) * values[:, :-1]
            right = (knots[degree + 1:] - s) / (degree * width) * values[:, 1:]
            values = left + right
        return values

    along_u, along_v = splines(u), splines(v)
    n = intervals + 3
    return {
        axis: np.einsum('ki,kj,ij->k', along_v, along_u, np.reshape(field[axis], (n, n)))
        for axis in ('xi_arcsec', 'eta_arcsec')
    }


def sky(exposure, x, y, mag=None, bp_rp=None):
    coefficients = exposure['model']['coefficients']
    xi, eta = (np.radians(angle / 3600) for angle in standard(coefficients, x, y, mag, bp_rp))
    ra0, dec0 = np.radians(coefficients['tangent_point_deg'])
    depth = np.cos(dec0) - eta * np.sin(dec0)
    ra = ra0 + np.arctan2(xi, depth)
    dec = np.arctan2(np.sin(dec0) + eta * np.cos(dec0), np.hypot(xi, depth))
    return np.degrees(ra) % 360, np.degrees(dec)
