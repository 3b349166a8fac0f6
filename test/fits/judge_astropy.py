"""astropy as a second opinion on FITS files.

    judge_astropy.py read FILE          everything in FILE as JSON: per HDU its cards and its data
    judge_astropy.py header FILE        the cards only
    judge_astropy.py make FILE RECIPE   writes a file for our reader; RECIPE names one of the functions below

Integers are given as decimal strings, so that int64 stays exact; floats by repr, NaN as "nan"; pixels row by row, first stored row first.
"""
import json
import sys
import warnings

import numpy as np
from astropy.io import fits

warnings.simplefilter("ignore")


def plain(value):
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    if isinstance(value, fits.card.Undefined):
        return None
    return str(value)


def cards(header):
    return [[c.keyword, plain(c.value), c.comment] for c in header.cards]


def column_values(column):
    if column.dtype.kind in "SU":
        return [str(v) for v in column]
    return [plain(v) for v in np.ravel(column)]


def read(path, with_data=True):
    found = []
    with fits.open(path, checksum=True) as hdus:
        for hdu in hdus:
            entry = {"kind": type(hdu).__name__, "name": hdu.name, "cards": cards(hdu.header)}
            entry["datasum"] = hdu.verify_datasum() if "DATASUM" in hdu.header else None
            entry["checksum"] = hdu.verify_checksum() if "CHECKSUM" in hdu.header else None
            data = hdu.data if with_data else None
            if isinstance(hdu, fits.BinTableHDU) and data is not None:
                entry["columns"] = {c.name: {"values": column_values(data[c.name]), "unit": c.unit, "null": plain(c.null)
                                             if c.null is not None else None} for c in hdu.columns}
            elif data is not None:
                entry["pixels"] = [plain(v) for v in np.ravel(data)]
                entry["type"] = data.dtype.name
            found.append(entry)
    return found


def make_scaled(path):
    """int16 with BSCALE, BZERO and BLANK, in extension 2, behind an empty primary and a table."""
    stored = np.arange(-6, 6, dtype=">i2").reshape(3, 4)
    image = fits.ImageHDU(stored, name="PLATE")
    image.header["BSCALE"], image.header["BZERO"], image.header["BLANK"] = 0.5, 100.0, -6
    table = fits.BinTableHDU.from_columns([fits.Column("A", "J", array=np.arange(3))], name="STARS")
    hdus = fits.HDUList([fits.PrimaryHDU(), table, image])
    hdus.writeto(path)
    with fits.open(path, mode="update", do_not_scale_image_data=True) as again:
        again[2].header["BSCALE"], again[2].header["BZERO"], again[2].header["BLANK"] = 0.5, 100.0, -6


def make_types(path):
    """One small image of each type, unsigned ones included; extension k holds the extremes of its type."""
    hdus = [fits.PrimaryHDU()]
    for name in ("uint8", "int8", "int16", "uint16", "int32", "uint32", "int64"):
        info = np.iinfo(name)
        hdus.append(fits.ImageHDU(np.array([[info.min, 0, 1], [info.max - 1, 100, info.max]], dtype=name), name=name))
    for name in ("float32", "float64"):
        hdus.append(fits.ImageHDU(np.array([[np.nan, -0.0, 0.1], [1e30, -1e-30, np.inf]], dtype=name), name=name))
    fits.HDUList(hdus).writeto(path)


def make_table(path):
    """Every column type, with scaling, nulls, arrays, unsigned integers and variable-length arrays."""
    columns = [
        fits.Column("flag", "L", array=np.array([True, False, True])),
        fits.Column("byte", "B", array=np.array([0, 128, 255], "u1")),
        fits.Column("short", "I", array=np.array([-32768, 7, 32767], "i2"), null=7),
        fits.Column("long", "J", array=np.array([-2147483648, 7, 2147483647], "i4"), unit="pix"),
        fits.Column("id", "K", array=np.array([-(2 ** 63), 2 ** 53 + 1, 2 ** 63 - 1], "i8"), null=-1),
        fits.Column("single", "E", array=np.array([0.1, np.nan, -1e30], "f4"), unit="mag"),
        fits.Column("double", "D", array=np.array([0.1, np.nan, 1e300])),
        fits.Column("name", "8A", array=np.array(["M 67", "", "12345678"])),
        fits.Column("triple", "3E", array=np.arange(9, dtype="f4").reshape(3, 3)),
        fits.Column("ids", "2K", array=np.array([[1, 2 ** 62 + 1], [3, 4], [5, 6]], "i8")),
        fits.Column("ushort", "I", array=np.array([0, 40000, 65535], "u2"), bzero=2 ** 15),
        fits.Column("ulong", "J", array=np.array([0, 3000000000, 4294967295], "u4"), bzero=2 ** 31),
        fits.Column("bits", "12X", array=np.zeros((3, 12), bool)),
        fits.Column("list", "PJ()", array=np.array([np.array([1, 2]), np.array([3]), np.array([], int)], dtype=object)),
        fits.Column("wave", "C", array=np.array([1 + 2j, 3j, 4], "c8")),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="ALL", uint=True)
    table.header["TCOMM7"] = "seventh"
    table.header["TUCD7"] = "pos.eq.ra"
    scaled = fits.BinTableHDU.from_columns(
        [fits.Column("mag", "I", array=np.array([2, -40, 9], "i2"), null=-40)], name="SCALED")
    fits.HDUList([fits.PrimaryHDU(), table, scaled]).writeto(path)
    with fits.open(path, mode="update") as again:  # into the header only: the stored integers are what is given above
        again["SCALED"].header["TSCAL1"], again["SCALED"].header["TZERO1"] = 0.25, 10.0


def make_cube(path):
    fits.PrimaryHDU(np.arange(6, dtype="i2").reshape(1, 2, 3)).writeto(path)


def make_planes(path):
    fits.PrimaryHDU(np.arange(24, dtype="i2").reshape(4, 2, 3)).writeto(path)


def make_line(path):
    fits.PrimaryHDU(np.arange(6, dtype="i2")).writeto(path)


def make_nothing(path):
    fits.PrimaryHDU().writeto(path)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        globals()[f"make_{sys.argv[3]}"](sys.argv[2])
    else:
        json.dump(read(sys.argv[2], with_data=sys.argv[1] == "read"), sys.stdout)
