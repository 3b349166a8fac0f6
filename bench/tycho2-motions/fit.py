"""Fits the numbers of src/math/mean-motion.ts. Independent of the TypeScript: it has a reader and formulae of its own.

usage: /usr/bin/python3 bench/tycho2-motions/fit.py STELLARIUM_STARS_FOLDER INDEX_TYCHO2_07
needs Debian's python3-astropy, python3-scipy, astrometry.net, astrometry-data-tycho2-07 and the files of stellarium-data
(/usr/share/stellarium/stars/default, or wherever dpkg-deb -x has put them); about two minutes.
"""
import subprocess
import sys
import tempfile

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.io import fits
from scipy.optimize import least_squares
from scipy.spatial import cKDTree

FILES = ["stars_0_0v0_8.cat", "stars_1_0v0_8.cat", "stars_2_0v0_8.cat", "stars_3_1v0_4.cat"]
FACES = """1 0 10 0 1 9 0 9 6 9 8 6 0 7 10 6 7 0 7 6 3 6 8 3 11 10 7 7 3 11
           3 2 11 2 3 8 10 11 4 2 4 11 5 4 2 2 8 5 4 1 10 4 5 1 5 9 1 8 9 5"""
ARCSEC = np.radians(1 / 3600)
KM_S_KPC = 4.74047  # in mas/yr


def unit(v):
    return v / np.linalg.norm(v, axis=-1)[..., None]


def triangles(level):
    """Centres, axes and the largest step of the triangles of a level, in the order of the files."""
    a, b = np.sqrt((5 + 5**0.5) / 10), np.sqrt((5 - 5**0.5) / 10)
    corners = np.array([
        *[[a, -b, 0], [a, b, 0], [-a, b, 0], [-a, -b, 0]],
        *[[0, a, -b], [0, a, b], [0, -a, b], [0, -a, -b]],
        *[[-b, 0, a], [b, 0, a], [b, 0, -a], [-b, 0, -a]],
    ])
    t = corners[np.array(FACES.split(), int).reshape(20, 3)]
    for _ in range(level):
        c0, c1, c2 = t[:, 0], t[:, 1], t[:, 2]
        e0, e1, e2 = unit(c1 + c2), unit(c2 + c0), unit(c0 + c1)
        four = [(c0, e2, e1), (e2, c1, e0), (e1, e0, c2), (e0, e1, e2)]
        t = np.stack([np.stack(three, 1) for three in four], 1).reshape(-1, 3, 3)
    centre = unit(t.sum(1))
    axis0 = unit(np.cross([0, 0, 1.0], centre))
    axis1 = np.cross(centre, axis0)
    steps = np.stack([np.einsum("ijk,ik->ij", t, axis) for axis in (axis0, axis1)])
    return centre, axis0, axis1, np.abs(steps / np.sqrt(1 - (steps**2).sum(0))).max()


def read(path):
    """Unit vectors and velocities (mas/yr across the line of sight) of the stars of a file."""
    raw = np.fromfile(path, np.uint8)
    kind, level = raw[:32].view("<i4")[[1, 4]]
    zones = 20 * 4**level
    size = raw[32 : 32 + 4 * zones].view("<u4")
    body = raw[32 + 4 * zones :].reshape(size.sum(), 28 if kind == 0 else 10)
    if kind == 0:
        x0, x1, dx0, dx1 = (body[:, k : k + 4].copy().view("<i4")[:, 0].astype(float) for k in (4, 8, 16, 20))
        last = 2**31 - 1
    else:
        bits = np.unpackbits(body, axis=1, bitorder="little").astype(float)

        def field(start, count):
            weight = 2.0 ** np.arange(count)
            weight[-1] *= -1
            return bits[:, start : start + count] @ weight

        x0, x1, dx0, dx1 = field(0, 20), field(20, 20), field(40, 14), field(54, 14)
        last = 2**19 - 1
    centre, axis0, axis1, scale = triangles(level)
    zone = np.repeat(np.arange(zones), size)
    along = lambda a, b: axis0[zone] * a[:, None] + axis1[zone] * b[:, None]
    place = centre[zone] + along(x0, x1) * (scale / last)
    distance = np.linalg.norm(place, axis=1)[:, None]
    place, velocity = place / distance, along(dx0, dx1) * 0.1 / distance
    return place, velocity - place * (place * velocity).sum(1)[:, None]


def stars(folder, index):
    """Galactic place, motion and VT of the stars of the index that have a motion in the catalogue."""
    place, velocity = (np.concatenate(part) for part in zip(*(read(f"{folder}/{name}") for name in FILES)))
    with tempfile.TemporaryDirectory() as work:
        command = ["query-starkd", "-r", "0", "-d", "0", "-R", "180", "-t", "MAG_VT", "-o", f"{work}/all.fits", index]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        table = fits.getdata(f"{work}/all.fits")
        ra, dec, vt = (np.asarray(table[name], float) for name in ("RA", "DEC", "MAG_VT"))
    tycho = np.stack([np.cos(np.radians(dec)) * f(np.radians(ra)) for f in (np.cos, np.sin)] + [np.sin(np.radians(dec))], 1)
    apart, row = cKDTree(tycho).query(place, distance_upper_bound=3 * ARCSEC)
    paired = np.isfinite(apart)
    vt = vt[row[paired]]
    print(f"{paired.sum()} of {len(place)} paired, median {np.median(apart[paired]) / ARCSEC:.3f} arcsec apart")
    turn = SkyCoord(np.eye(3)[0], np.eye(3)[1], np.eye(3)[2], representation_type="cartesian").galactic.cartesian.xyz.value
    g, v = place[paired] @ turn.T, velocity[paired] @ turn.T
    l, b = np.arctan2(g[:, 1], g[:, 0]), np.arcsin(g[:, 2])
    pml = (v * np.stack([-np.sin(l), np.cos(l), 0 * l], 1)).sum(1)
    pmb = (v * np.stack([-np.sin(b) * np.cos(l), -np.sin(b) * np.sin(l), np.cos(b)], 1)).sum(1)
    keep = (vt > 5) & (vt < 10.5)
    return [column[keep] for column in (l, b, pml, pmb, vt)]


def basis(t, s):
    return np.stack([t**0, t, t**2, s, s**2], 1)


def main(folder, index):
    l, b, pml, pmb, vt = stars(folder, index)
    print(f"{len(l)} stars of 5 < VT < 10.5")
    t, s = vt - 10, np.abs(np.sin(b))
    x = basis(t, s)
    sl, cl, sb, cb = np.sin(l), np.cos(l), np.sin(b), np.cos(b)

    def model(p):
        sun_u, sun_v, sun_w = (np.exp(x @ p[k : k + 5]) for k in (0, 5, 10))
        in_l = sun_u * sl - sun_v * cl + (p[15] * np.cos(2 * l) + p[16]) * cb
        return np.r_[in_l, (sun_u * cl + sun_v * sl) * sb - sun_w * cb - p[15] * np.sin(2 * l) * sb * cb]

    motion = np.r_[pml, pmb]
    p = np.zeros(17)
    p[[0, 5, 10, 15, 16]] = 1.3, 1.9, 1.1, 3, -2.5
    q = np.array([2.2, -0.2, 0, 0, 0])
    bins = np.digitize(vt, np.arange(6, 10.5, 0.5)) * 10 + np.digitize(s, np.arange(0.1, 0.95, 0.1))
    for step in range(10):
        sigma = np.tile(np.exp(x @ q), 2)
        left = (motion - model(p)) / sigma
        root = np.clip(1 - (left / 4.685) ** 2, 0, None) if step else np.ones(len(left))  # of Tukey's weight
        p = least_squares(lambda p: root * (motion - model(p)) / sigma, p, x_scale="jac", max_nfev=12).x
        size = np.abs(motion - model(p)).reshape(2, -1)
        rows = []
        for cell in np.unique(bins):
            inside = bins == cell
            if inside.sum() >= 150:
                rows.append((t[inside].mean(), s[inside].mean(), np.percentile(size[:, inside], 68.27), inside.sum()))
        rows = np.array(rows)
        root_n = np.sqrt(rows[:, 3])
        q = np.linalg.lstsq(basis(rows[:, 0], rows[:, 1]) * root_n[:, None], np.log(rows[:, 2]) * root_n, rcond=None)[0]
    for name, part in (("U", p[:5]), ("V", p[5:10]), ("W", p[10:15]), ("scatter", q)):
        print(f"{name:8}", ", ".join(f"{value:.3f}" for value in part))
    print(f"A, B     {p[15] * KM_S_KPC:.2f}, {p[16] * KM_S_KPC:.2f} km/s/kpc")


main(*sys.argv[1:])
