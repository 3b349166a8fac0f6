"""Runs SCAMP on a plate, once for each fold and degree, with SExtractor's detections and with platepipe's.

usage: scamp_folds.py WORK SCAN_FITS GAIA_CSV
SCAMP is helped wherever help is fair: it gets the stars at the epoch of the plate, no fainter than what the plate
shows, platepipe's detections without the artefacts, and a start (.ahead) fitted linearly to the stars of the other
folds, with the least radius of cross-identification that holds them. Degrees 1 to 5, all else as `scamp -dd` has it but for
MATCH N (it starts at the right place) and the threshold of S/N, lowered to 5 so that no star is left out for it.
Leaves WORK/scamp/SET-DEGREE-FOLD.head. Prints JSON: what failed, and SCAMP's own figures.
"""
import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS
from astropy.wcs.utils import fit_wcs_from_points
from astropy.coordinates import SkyCoord
from places import gaia_at

warnings.simplefilter('ignore')
FOLDS, DEGREES = 5, (1, 2, 3, 4, 5)
work, scan, gaia_path = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
out = work / 'scamp'
out.mkdir(exist_ok=True)
for old in out.iterdir():
    old.unlink()

with fits.open(work / 'pairs.fits') as file:
    pairs, about = Table(file['PAIRS'].data), file['PAIRS'].header
epoch, width, height, scale = about['EPOCHYR'], about['WIDTH'], about['HEIGHT'], about['SCALE']
stars = gaia_at(gaia_path, epoch)
held = {int(s): int(f) for s, f in zip(pairs['source_id'], pairs['fold'])}
full = WCS(fits.getheader(work / 'full' / 'wcs.fits'))
plate_x, plate_y = full.wcs_world2pix(stars['ra'], stars['dec'], 1)
near = (plate_x > -0.05 * width) & (plate_x < 1.05 * width) & (plate_y > -0.05 * height) & (plate_y < 1.05 * height)
deep = stars['mag'] <= np.max(pairs['mag']) + 0.5
usable = np.flatnonzero(stars['known'] & near & deep)


def ldac(path, columns):
    """A FITS_LDAC catalogue with the image header that SExtractor wrote."""
    with fits.open(out / 'sextractor.cat') as file:
        imhead = file['LDAC_IMHEAD']  # untouched: a copy would lose the blanks at its end, and SCAMP would crash
        letter = {'f8': ('1D', 'F18.10'), 'f4': ('1E', 'G12.7'), 'i4': ('1J', 'I10'), 'i2': ('1I', 'I6')}
        objects = fits.BinTableHDU.from_columns([
            fits.Column(key, letter[values.dtype.str[1:]][0], disp=letter[values.dtype.str[1:]][1], unit='1', array=values)
            for key, values in columns.items()
        ], name='LDAC_OBJECTS')
        fits.HDUList([fits.PrimaryHDU(), imhead, objects]).writeto(path, overwrite=True)


def reference(fold):
    """Stars at the epoch without those of the fold; SCAMP takes errors in degrees."""
    rows = np.array([k for k in usable if held.get(int(stars['source_id'][k])) != fold])
    error = lambda name: np.maximum(stars[name][rows], 0.05) / 3.6e6
    path = out / f'reference-{fold}.cat'
    ldac(path, {
        'X_WORLD': stars['ra'][rows], 'Y_WORLD': stars['dec'][rows], 'ERRA_WORLD': error('ra_error_mas'),
        'ERRB_WORLD': error('dec_error_mas'), 'ERRTHETA_WORLD': np.zeros(len(rows)), 'MAG': stars['mag'][rows],
        'MAGERR': np.full(len(rows), 0.01), 'OBSDATE': np.full(len(rows), float(epoch)),
    })
    return path


def detections_of_platepipe():
    with fits.open(work / 'full' / 'detections.fits') as file:
        d = Table(file[1].data)
    d = d[(d['reject'] == 0) & (d['flux_auto'] > 0) & (d['snr_win'] > 0)]
    col = lambda name: np.nan_to_num(np.asarray(d[name], float))
    single = lambda values: np.asarray(values, 'f4')  # the types that SExtractor writes: SCAMP crashes on others
    error = np.maximum(col('x_error'), col('y_error')), np.minimum(col('x_error'), col('y_error'))
    ldac(out / 'platepipe.cat', {
        'NUMBER': np.asarray(d['det_id'], 'i4'), 'XWIN_IMAGE': col('x'), 'YWIN_IMAGE': col('y'),
        'ERRAWIN_IMAGE': single(error[0]), 'ERRBWIN_IMAGE': single(error[1]), 'ERRTHETAWIN_IMAGE': single(np.zeros(len(d))),
        'FLUX_AUTO': single(col('flux_auto')), 'FLUXERR_AUTO': single(col('flux_auto') / col('snr_win')),
        'MAG_AUTO': single(col('mag_inst')), 'MAGERR_AUTO': single(1.0857 / col('snr_win')),
        'FLUX_RADIUS': single(col('flux_radius')), 'ELONGATION': single(1 / np.maximum(1 - col('ellipticity'), 0.01)),
        'FLAGS': np.asarray(d['sex_flags'], 'i2'),
    })


def detections_of_sextractor():
    with fits.open(scan) as file:
        image = next(hdu.data for hdu in file if hdu.data is not None and hdu.data.ndim == 2).astype('f4')
    middle, low, high = np.percentile(image, [50, 0.1, 99.9])
    if middle - low > high - middle:  # stars are darker than the sky
        image = image.max() - image
    fits.writeto(out / 'positive.fits', image, overwrite=True)
    (out / 'sex.param').write_text('\n'.join([
        'NUMBER', 'XWIN_IMAGE', 'YWIN_IMAGE', 'ERRAWIN_IMAGE', 'ERRBWIN_IMAGE', 'ERRTHETAWIN_IMAGE', 'FLUX_AUTO',
        'FLUXERR_AUTO', 'MAG_AUTO', 'MAGERR_AUTO', 'FLUX_RADIUS', 'ELONGATION', 'FLAGS']) + '\n')
    (out / 'sex.conv').write_text('CONV NORM\n1 2 1\n2 4 2\n1 2 1\n')
    options = {'PARAMETERS_NAME': 'sex.param', 'FILTER_NAME': 'sex.conv', 'CATALOG_TYPE': 'FITS_LDAC',
               'CATALOG_NAME': 'sextractor.cat', 'DETECT_THRESH': '2.5', 'ANALYSIS_THRESH': '2.5', 'DETECT_MINAREA': '5',
               'SATUR_LEVEL': str(1e9), 'GAIN': '0', 'BACK_SIZE': '64', 'VERBOSE_TYPE': 'QUIET'}
    empty = out / 'sex.conf'
    empty.write_text('')
    arguments = [part for name, value in options.items() for part in (f'-{name}', value)]
    subprocess.run(['source-extractor', 'positive.fits', '-c', 'sex.conf', *arguments], cwd=out, check=True, capture_output=True)
    (out / 'positive.fits').unlink()


def start(fold):
    """Linear WCS through the other folds' pairs, and the radius (arcsec) that holds 99 % of their brighter half."""
    train = pairs['fold'] != fold
    xy = np.asarray(pairs['x'][train]), np.asarray(pairs['y'][train])
    sky = SkyCoord(np.asarray(pairs['ra'][train]), np.asarray(pairs['dec'][train]), unit='deg')
    middle = SkyCoord(*full.all_pix2world((width + 1) / 2, (height + 1) / 2, 1), unit='deg')
    tangent = middle.skyoffset_frame()
    local = sky.transform_to(tangent)
    cos = np.cos(local.lat.rad) * np.cos(local.lon.rad)
    xi = np.degrees(np.cos(local.lat.rad) * np.sin(local.lon.rad) / cos)
    eta = np.degrees(np.sin(local.lat.rad) / cos)
    u, v = xy[0] - (width + 1) / 2, xy[1] - (height + 1) / 2
    design = np.stack([np.ones_like(u), u, v], axis=1)
    a, b = (np.linalg.lstsq(design, target, rcond=None)[0] for target in (xi, eta))
    off = 3600 * np.hypot(design @ a - xi, design @ b - eta)
    off = off[pairs['mag'][train] <= np.median(pairs['mag'][train])]  # the faint half adds chance pairs
    cd = np.array([[a[1], a[2]], [b[1], b[2]]])
    shift = np.linalg.solve(cd, [a[0], b[0]])
    cards = {'CTYPE1': 'RA---TAN', 'CTYPE2': 'DEC--TAN', 'CUNIT1': 'deg', 'CUNIT2': 'deg', 'RADESYS': 'ICRS', 'EQUINOX': 2000.0,
             'CRVAL1': float(middle.ra.deg), 'CRVAL2': float(middle.dec.deg),
             'CRPIX1': (width + 1) / 2 - shift[0], 'CRPIX2': (height + 1) / 2 - shift[1],
             'CD1_1': cd[0, 0], 'CD1_2': cd[0, 1], 'CD2_1': cd[1, 0], 'CD2_2': cd[1, 1], 'FILTER': 'plate', 'EXPTIME': 1.0}
    header = fits.Header()
    for key, value in cards.items():
        header[key] = value
    return header, 1.2 * float(np.quantile(off, 0.99)) + 0.5 * scale


detections_of_sextractor()
detections_of_platepipe()
failed, said = [], {}
(out / 'scamp.conf').write_text('')
for fold in range(FOLDS):
    catalogue = reference(fold)
    header, radius = start(fold)
    for which in ('platepipe', 'sextractor'):
        header.totextfile(out / f'{which}.ahead', endcard=True, overwrite=True)
        for degree in DEGREES:
            name = f'{which}-{degree}-{fold}'
            options = {'ASTREF_CATALOG': 'FILE', 'ASTREFCAT_NAME': catalogue.name, 'ASTREFERR_KEYS': 'ERRA_WORLD,ERRB_WORLD,ERRTHETA_WORLD',
                       'MATCH': 'N', 'CROSSID_RADIUS': f'{radius:.3f}', 'DISTORT_DEGREES': str(degree), 'SN_THRESHOLDS': '5,100',
                       'SOLVE_PHOTOM': 'N', 'CHECKPLOT_TYPE': 'NONE', 'WRITE_XML': 'N', 'NTHREADS': '1', 'VERBOSE_TYPE': 'NORMAL',
                       'PROJECTION_TYPE': 'TPV'}
            arguments = [part for key, value in options.items() for part in (f'-{key}', value)]
            run = subprocess.run(['scamp', f'{which}.cat', '-c', 'scamp.conf', *arguments], cwd=out, capture_output=True, text=True, errors='replace')
            head = out / f'{which}.head'
            if head.exists():
                head.rename(out / f'{name}.head')
            else:
                failed.append(f'{name}: exit {run.returncode}: {run.stderr.strip()[-200:]}')
            (out / f'{name}.log').write_text(run.stdout + run.stderr)
print(json.dumps({'failed': failed, 'radius_arcsec': radius}))
