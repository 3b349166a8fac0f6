"""Judges the exposures of a reduced plate by the truth of a simulated one, and beside a plate of one exposure of the same sky.

usage: exposures.py LIMIT_MAG FWHM_PX TRUTH_FITS RESULT_FOLDER SINGLE_TRUTH_FITS SINGLE_RESULT_FOLDER
A row of the catalogue names its star rightly where that star has an image of the exposure within 0.6 image widths of the row. The
true exposure of a solved one is the one in which most rows do. Compared with the single plate: stars that both match, at least
2 mag above the limit, whose images touch no other on the single plate and have none nearer than 1.5 widths on the other.
"""
import json
import os
import sys
import warnings

import numpy as np
from astropy.io import fits
from astropy.table import Table

from places import ARCSEC, unit

warnings.simplefilter('ignore')
limit, fwhm_px = float(sys.argv[1]), float(sys.argv[2])
same_px = max(1.5, 0.6 * fwhm_px)  # nearer than any other exposure may be
CLEAR_FWHM = 1.5
LEAST_SHOWN = 5
BRIGHT_MAG = 2
LEAST_COMPARED = 8


def table(path, name):
    with fits.open(path) as file:
        return Table(file[name].data)


def result(folder):
    """solution.json and the catalogue; neither where there is none."""
    path = f'{folder}/solution.json'
    if not os.path.exists(path):
        return None, None
    with open(path) as file:
        solution = json.load(file)
    return solution, table(f'{folder}/catalogue.fits', 'CATALOGUE') if solution['exposures'] else None


def judge_exposures(truth_path, folder):
    truth = table(truth_path, 'TRUTH')
    truth = truth[np.asarray(truth['on_plate'], bool)]
    solution, catalogue = result(folder)
    count = int(np.max(truth['exposure'])) + 1 if len(truth) else 0
    shown = [int(np.sum((truth['exposure'] == k) & (truth['mag'] < limit))) for k in range(count)]
    row_of = [{int(s): i for i, s in enumerate(truth['source_id']) if truth['exposure'][i] == k} for k in range(count)]
    found = []
    places = []
    for exposure in solution['exposures'] if solution else []:
        own = catalogue[(catalogue['exposure'] == exposure['index']) & (catalogue['source_id'] != 0)]
        best = None
        for k in range(count):
            at = np.array([row_of[k].get(int(s), -1) for s in own['source_id']], int)
            known = at >= 0
            image = truth[np.where(known, at, 0)]
            near = known & (np.hypot(image['x_image'] - own['x'], image['y_image'] - own['y']) < same_px)
            if best is None or near.sum() > best[1].sum():
                best = (k, near, known, image)
        k, near, known, image = best
        chord = np.linalg.norm(unit(own['ra'], own['dec']) - unit(image['ra'], image['dec']), axis=1)
        off_px = np.where(known, chord / ARCSEC / exposure['scale_arcsec_px'], np.inf)
        median = float(np.median(off_px)) if len(own) else np.inf
        found.append({
            'index': exposure['index'],
            'truth': k,
            'pairs': len(own),
            'named_rightly': float(np.mean(near)) if len(own) else 0.0,
            'median_px': median if np.isfinite(median) else None,
            'epoch_yr': exposure['epoch_yr'],
        })
        # Exposures that are close to each other touch in all bright images: that alone is no reason to leave these out.
        alone = ~np.asarray(image['blended'], bool) if count == 1 else ~(image['neighbour_px'] < CLEAR_FWHM * fwhm_px)
        clean = near & alone & (image['mag'] < limit - BRIGHT_MAG)
        places.append((k, dict(zip((int(s) for s in own['source_id'][clean]), off_px[clean]))))
    return solution, shown, found, places


solution, shown, found, places = judge_exposures(*sys.argv[3:5])
_, _, single_found, single_places = judge_exposures(*sys.argv[5:7])

first = next((own for k, own in places if k == 0), None)
alone = single_places[0][1] if single_places else None
compared = None
if first is not None and alone is not None:
    both = sorted(set(first) & set(alone))
    if len(both) >= LEAST_COMPARED:
        ours, theirs = (float(np.median([places[s] for s in both])) for places in (first, alone))
        compared = {'stars': len(both), 'median_px': ours, 'single_median_px': theirs}

print(json.dumps({
    'status': solution['status'] if solution else None,
    'class': solution['class'] if solution else None,
    'shown': shown,
    'exposures': found,
    'single': single_found[0] if single_found else None,
    'compared': compared,
    'together': solution['exposures_together'] if solution else None,
}))
