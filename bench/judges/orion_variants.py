"""The Orion plate without what its header knows, and as a negative.

usage: orion_variants.py SCAN FOLDER
Writes stripped.fits (no WCS, place or scale; the date stays) and negated.fits (all cards).
"""
import sys
from pathlib import Path

from astropy.io import fits

scan, folder = sys.argv[1], Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
KNOWING = ['CRVAL1', 'CRVAL2', 'CRPIX1', 'CRPIX2', 'CTYPE1', 'CTYPE2', 'CD1_1', 'CD1_2', 'CD2_1', 'CD2_2', 'WRA', 'WDEC',
           'WEPOCH', 'WEQUINOX', 'RA', 'DEC', 'SECPIX1', 'SECPIX2', 'S_PIXSCL', 'S_XPOS', 'S_YPOS', 'S_ZPOS', 'APERTURE',
           'WCSRFCAT', 'WCSIMCAT', 'WCSMATCH', 'WCSNREF', 'WCSTOL', 'WCSSEP', 'IMWCS', 'EQUINOX', 'RADECSYS', 'EPOCH']
with fits.open(scan) as file:
    pixels, header = file[0].data, file[0].header
low, high = int(pixels.min()), int(pixels.max())
fits.writeto(folder / 'negated.fits', (high + low - pixels.astype('i4')).astype(pixels.dtype), header, overwrite=True, output_verify='silentfix')
for keyword in KNOWING:
    header.remove(keyword, ignore_missing=True, remove_all=True)
fits.writeto(folder / 'stripped.fits', pixels, header, overwrite=True, output_verify='silentfix')
print('{}')
