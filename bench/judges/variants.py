"""The M67 scan in other clothes, and how far its stars move.

usage: variants.py make SCAN FOLDER              writes every variant
       variants.py compare ORIGINAL VARIANT LIMIT_ARCSEC [X0 Y0 WIDTH]
compare prints JSON for two result folders: distances of the stars with the same source_id, and of the detections that
were not deblended (sex_flags & 3 == 0 in both). X0 Y0 WIDTH: the window of a cut, whose stars alone are expected.
"""
import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.table import Table, join

CUT_X0, CUT_Y0, CUT_WIDTH = 60, 320, 600  # pixels from 0, off the middle
DATE_AND_PLACE = ['DATE-OBS', 'UT', 'OBJCTRA', 'OBJCTDEC']


def write_tiff(path, pixels):
    """A baseline TIFF of one strip, 16-bit grey, little-endian, black is zero; first row as stored in the FITS file."""
    height, width = pixels.shape
    strip = pixels.astype('<u2').tobytes()
    tags = [(256, 4, width), (257, 4, height), (258, 3, 16), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1),
            (278, 4, height), (279, 4, len(strip))]
    entries = b''.join(struct.pack('<HHII', tag, kind, 1, value) for tag, kind, value in tags)
    directory = struct.pack('<H', len(tags)) + entries + struct.pack('<I', 0)
    path.write_bytes(b'II*\0' + struct.pack('<I', 8 + len(strip)) + strip + directory)


def make(scan, folder):
    folder.mkdir(parents=True, exist_ok=True)
    with fits.open(scan) as file:
        pixels, header = file[0].data, file[0].header

    def write(name, changed, cards=header):
        fits.writeto(folder / f'{name}.fits', np.ascontiguousarray(changed), cards, overwrite=True, output_verify='silentfix')

    write('negated', int(pixels.max()) + int(pixels.min()) - pixels)
    write('mirrored', pixels[:, ::-1])
    write('turned', np.rot90(pixels))
    few = fits.Header([header.cards[name] for name in DATE_AND_PLACE])
    window = np.s_[CUT_Y0 : CUT_Y0 + CUT_WIDTH, CUT_X0 : CUT_X0 + CUT_WIDTH]
    write('cut', pixels[window], few)
    write_tiff(folder / 'tiff.tif', pixels)
    write('plain', pixels)
    plain = folder / 'plain.fits'
    (folder / 'gzipped.fits.gz').write_bytes(subprocess.run(['gzip', '-nc', plain], check=True, capture_output=True).stdout)
    packed = folder / 'packed.fits.fz'
    packed.unlink(missing_ok=True)
    subprocess.run(['fpack', '-O', packed, plain], check=True)
    image = fits.ImageHDU(pixels, header, name='SCAN')
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(folder / 'extension.fits', overwrite=True, output_verify='silentfix')
    plain.unlink()


def catalogue(folder):
    with fits.open(f'{folder}/catalogue.fits') as file:
        table = Table(file['CATALOGUE'].data)
    return table[table['source_id'] != 0]['source_id', 'x', 'y', 'ra', 'dec', 'sex_flags']


def spread(arcsec, limit):
    if len(arcsec) == 0:
        return None
    q = np.quantile(arcsec, [0.5, 0.9, 0.99, 1])
    return {'stars': len(arcsec), 'median': q[0], 'p90': q[1], 'p99': q[2], 'max': q[3], 'within': float(np.mean(arcsec <= limit))}


def compare(original, variant, limit, window):
    first, second = catalogue(original), catalogue(variant)
    if window:
        x0, y0, width = window
        # FITS pixels count from 1; a star at the cut's own edge is not to be expected.
        inside = lambda v, v0: (v > v0 + 0.5 + 10) & (v < v0 + width + 0.5 - 10)
        expected = first[inside(first['x'], x0) & inside(first['y'], y0)]
    else:
        expected = first
    both = join(first, second, keys='source_id')
    dra = (both['ra_1'] - both['ra_2']) * np.cos(np.radians(both['dec_1']))
    apart = 3600 * np.hypot(dra, both['dec_1'] - both['dec_2'])
    single = ((both['sex_flags_1'] | both['sex_flags_2']) & 3) == 0
    again = np.isin(np.asarray(expected['source_id']), np.asarray(second['source_id']))
    return {
        'expected': len(expected), 'found_again': float(np.mean(again)),
        'all': spread(np.asarray(apart), limit), 'single': spread(np.asarray(apart[single]), limit),
    }


if sys.argv[1] == 'make':
    make(sys.argv[2], Path(sys.argv[3]))
    print(json.dumps({'cut': [CUT_X0, CUT_Y0, CUT_WIDTH]}))
else:
    window = [int(v) for v in sys.argv[5:8]]
    print(json.dumps(compare(sys.argv[2], sys.argv[3], float(sys.argv[4]), window)))
