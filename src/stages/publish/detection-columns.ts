// detections.fits: what was measured of each detection, and what the filter thought of it.
import type { DetectionColumns } from '../../columns.ts'
import type { Detections } from '../../detections.ts'
import type { FilterResult } from '../filter.ts'

export function detectionColumns(d: Detections, filtered: FilterResult): DetectionColumns {
  const rank = new Int32Array(d.length)
  filtered.ranked.forEach((row, at) => {
    rank[row] = at + 1
  })
  return {
    det_id: d.detId,
    x: d.x,
    y: d.y,
    x_error: d.xErrorPx,
    y_error: d.yErrorPx,
    x_win: d.xWin,
    y_win: d.yWin,
    x_iso: d.xIso,
    y_iso: d.yIso,
    place_source: Int16Array.from(d.placeSource),
    flux_auto: d.fluxAuto,
    mag_inst: d.magInst,
    mag_inst_error: d.magInstError,
    peak: d.peak,
    background: d.background,
    snr_win: d.snrWin,
    fwhm: d.fwhm,
    flux_radius: d.fluxRadius,
    a: d.semiMajor,
    b: d.semiMinor,
    theta: d.thetaDeg,
    ellipticity: d.ellipticity,
    isoarea: Int32Array.from(d.isoAreaPx),
    sex_flags: Int16Array.from(d.sexFlags),
    flags_win: Int16Array.from(d.flagsWin),
    p_star: filtered.pStar,
    reject: filtered.reject,
    rank,
  }
}
