"""Writes grey (or wrong) TIFF files of every storage that scanners use, straight from the TIFF 6.0 tables, so that
the reader is not judged by the library that it stands on.

    make_tiff.py OUT WIDTH HEIGHT BITS [order=II|MM] [rows=N] [tile=N] [compression=1|5|8|32773] [predictor=1|2]
        [big=0|1] [samples=N] [photometric=N] [format=1|2|3] [orientation=N] [front=1] [pages=N] [fill=ramp|constant|noise]

Pixel (x, y) of page p is (7 x + 13 y + 100 p) modulo 2^BITS, sample s adds 50 s, unless fill
says otherwise; noise is from a fixed seed, 4 levels. front=1 puts the directory of a single page in front of the pixels.
"""
import struct
import sys
import zlib

import numpy as np

out, width, height, bits = sys.argv[1], *map(int, sys.argv[2:5])
opt = dict(order="II", rows=str(height), tile="0", compression="1", predictor="1", big="0", samples="1",
           photometric="1", format="1", orientation="1", front="0", pages="1", fill="ramp")
opt.update(a.split("=") for a in sys.argv[5:])
e = "<" if opt["order"] == "II" else ">"
rows, tile, compression, predictor, big, samples = (int(opt[k]) for k in
    ("rows", "tile", "compression", "predictor", "big", "samples"))
kinds = {"1": "u", "2": "i", "3": "f"}


def page_pixels(p):
    y, x, s = np.mgrid[0:height, 0:width, 0:samples]
    v = (7 * x + 13 * y + 100 * p + 50 * s) % 2 ** min(bits, 31)
    if opt["fill"] == "constant":
        v = np.full_like(v, 7)
    if opt["fill"] == "noise":
        v = np.random.default_rng(1).integers(0, 4, v.shape)
    if bits < 8:
        return np.packbits(v[:, :, 0].astype("u1") & 1, axis=1)
    return v.astype(f"{e}{kinds[opt['format']]}{bits // 8}")


def lzw(raw):
    """TIFF 6.0, section 13: high bits first, one code early, a clear code before the table is full."""
    codes, table, string = [256], {bytes([i]): i for i in range(256)}, b""
    widths, width, following = [9], 9, 258
    for value in raw:
        longer = string + bytes([value])
        if longer in table:
            string = longer
            continue
        codes.append(table[string])
        widths.append(width)
        table[longer] = following
        following += 1
        if following > 2 ** width - 1 and width < 12:
            width += 1
        if following == 4094:
            codes.append(256)
            widths.append(width)
            table, width, following = {bytes([i]): i for i in range(256)}, 9, 258
        string = bytes([value])
    if string:
        codes.append(table[string])
        widths.append(width)
        following += 1
        if following > 2 ** width - 1 and width < 12:
            width += 1
    bits = "".join(format(c, f"0{w}b") for c, w in zip(codes + [257], widths + [width]))
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def squeeze(block):
    if predictor == 2:
        d = block.copy()
        d[:, 1:] = block[:, 1:] - block[:, :-1]
        block = d
    raw = block.tobytes()
    if compression == 5:
        return lzw(raw)
    if compression == 8:
        return zlib.compress(raw)
    if compression == 32773:  # PackBits: literal runs only, which is legal
        return b"".join(bytes([len(raw[i:i + 128]) - 1]) + raw[i:i + 128] for i in range(0, len(raw), 128))
    return raw


def blocks(pixels):
    if not tile:
        return [squeeze(pixels[y:y + rows]) for y in range(0, height, rows)]
    made = []
    for y in range(0, height, tile):
        for x in range(0, width, tile):
            b = np.zeros((tile, tile, samples), pixels.dtype)
            part = pixels[y:y + tile, x:x + tile]
            b[:part.shape[0], :part.shape[1]] = part
            made.append(squeeze(b))
    return made


def directory(tags, at, next_at):
    """Tags as {number: (type, values)}; values that do not fit are put behind the directory."""
    sizes = {3: 2, 4: 4, 16: 8}
    codes = {3: "H", 4: "I", 16: "Q"}
    head, entry, slot = (8, 20, 8) if big else (2, 12, 4)
    behind = at + head + entry * len(tags) + slot
    body, extra = b"", b""
    for number in sorted(tags):
        kind, values = tags[number]
        packed = struct.pack(f"{e}{len(values)}{codes[kind]}", *values)
        if len(packed) <= slot:
            value = packed.ljust(slot, b"\0")
        else:
            value = struct.pack(e + ("Q" if big else "I"), behind + len(extra))
            extra += packed + b"\0" * (len(packed) % 2)
        body += struct.pack(e + ("HHQ" if big else "HHI"), number, kind, len(values)) + value
    count = struct.pack(e + ("Q" if big else "H"), len(tags))
    return count + body + struct.pack(e + ("Q" if big else "I"), next_at) + extra


def main():
    order = opt["order"].encode()
    start = 16 if big else 8
    data, places = b"", []
    for p in range(int(opt["pages"])):
        made = []
        for b in blocks(page_pixels(p)):
            data += b"\0" * (len(data) % 2)
            made.append((start + len(data), len(b)))
            data += b
        places.append(made)
    data += b"\0" * (len(data) % 2)
    at = start + len(data)
    first, directories = at, b""
    wide = 16 if big else 4
    for p, made in enumerate(places):
        tags = {256: (4, [width]), 257: (4, [height]), 258: (3, [bits] * samples), 259: (3, [compression]),
                262: (3, [int(opt["photometric"])]), 274: (3, [int(opt["orientation"])]), 277: (3, [samples]),
                284: (3, [1]), 317: (3, [predictor]), 339: (3, [int(opt["format"])] * samples)}
        offsets, counts = [list(column) for column in zip(*made)]
        if tile:
            tags.update({322: (4, [tile]), 323: (4, [tile]), 324: (wide, offsets), 325: (wide, counts)})
        else:
            tags.update({278: (4, [rows]), 273: (wide, offsets), 279: (wide, counts)})
        made_directory = directory(tags, at, 0)
        if p + 1 < len(places):
            made_directory = directory(tags, at, at + len(made_directory))
        directories += made_directory
        at += len(made_directory)
    if big:
        head = order + struct.pack(e + "HHHQ", 43, 8, 0, first)
    else:
        head = order + struct.pack(e + "HI", 42, first)
    if opt["front"] == "1":
        length = len(directories)
        tags[324 if tile else 273] = (wide, [offset + length for offset in offsets])
        head = order + struct.pack(e + "HI", 42, start)
        content = head + directory(tags, start, 0) + data
    else:
        content = head + data + directories
    with open(out, "wb") as f:
        f.write(content)


main()
