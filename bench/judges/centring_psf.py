"""PSF-fitted places of the detections of a reduction: PSFEx and SExtractor with the settings that platepipe used.

usage: centring_psf.py WORK_FOLDER
WORK_FOLDER is what `reduce --keep-work` left. Writes psf.npz there: for each detection, in the order of its number, the
fitted place on the scan (NaN where the fit failed). Prints JSON: CPU seconds of the programs, or why there is no PSF.
"""
import json
import os
import resource
import subprocess
import sys

import numpy as np
from astropy.io import fits

work = sys.argv[1]
STAMP = 35  # px
image = 'framed.fits' if os.path.exists(f'{work}/framed.fits') else 'positive.fits'


def run(*command):
    done = subprocess.run(command, cwd=work, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f'{command[0]}: {(done.stdout + done.stderr).strip().splitlines()[-1:]}')


def cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def params(name, columns):
    with open(f'{work}/{name}', 'w') as file:
        file.write('\n'.join(columns) + '\n')


try:
    begun = cpu()
    params('plain.param', ['NUMBER'])
    run('source-extractor', image, '-c', 'extract.sex', '-PARAMETERS_NAME', 'plain.param', '-CATALOG_NAME', 'plain.fits')
    sextractor = cpu() - begun
    params('stamps.param', ['NUMBER', f'VIGNET({STAMP},{STAMP})', 'X_IMAGE', 'Y_IMAGE', 'FLUX_RADIUS', 'SNR_WIN',
                            'FLUX_APER(1)', 'FLUXERR_APER(1)', 'ELONGATION', 'FLAGS'])
    run('source-extractor', image, '-c', 'extract.sex', '-PARAMETERS_NAME', 'stamps.param', '-CATALOG_NAME', 'stamps.fits',
        '-CATALOG_TYPE', 'FITS_LDAC')
    # Saturated and deblended images are used too: on most plates hardly any other has the signal.
    run('psfex', 'stamps.fits', '-SAMPLE_FLAGMASK', '0x00f8', '-SAMPLE_MINSN', '15', '-PSFVAR_DEGREES', '2',
        '-CHECKPLOT_TYPE', 'NONE', '-CHECKIMAGE_TYPE', 'NONE', '-WRITE_XML', 'N', '-NTHREADS', '1')
    params('psf.param', ['NUMBER', 'XPSF_IMAGE', 'YPSF_IMAGE', 'FLAGS'])
    run('source-extractor', image, '-c', 'extract.sex', '-PARAMETERS_NAME', 'psf.param', '-CATALOG_NAME', 'fitted.fits',
        '-PSF_NAME', 'stamps.psf', '-PSF_NMAX', '1')
    with fits.open(f'{work}/fitted.fits') as file:
        table = file[1].data
    frame, scan = fits.getheader(f'{work}/{image}'), fits.getheader(f'{work}/positive.fits')
    margin = [(frame[key] - scan[key]) / 2 for key in ('NAXIS1', 'NAXIS2')]
    place = np.stack([table['XPSF_IMAGE'] - margin[0], table['YPSF_IMAGE'] - margin[1]], axis=1).astype(float)
    place[(table['XPSF_IMAGE'] == 0) & (table['YPSF_IMAGE'] == 0)] = np.nan
    np.savez(f'{work}/psf.npz', det_id=table['NUMBER'], place=place)
    print(json.dumps({'seconds': cpu() - begun, 'sextractor': sextractor, 'why': ''}))
except (RuntimeError, OSError, KeyError) as error:
    print(json.dumps({'seconds': None, 'sextractor': None, 'why': str(error)}))
