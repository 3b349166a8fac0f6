// From SExtractor's table to detections: the choice between windowed and isophotal places.
import { type Detections, PLACE, SEX_FLAG } from '../../detections.ts'
import type { FitsTable } from '../../fits/table.ts'
import { median } from '../../math/robust.ts'
import type { Frame } from './frame.ts'

/** A windowed place that wandered farther than this from the isophotal one did not converge on this image. */
const MAX_SHIFT_FWHM = 0.5

/**
 * The windowed place is nearly as precise as a PSF fit on unsaturated stars but diverges on flat tops: the isophotal
 * one is taken where FLAGS_WIN is set or the two differ by more than half a width of this image.
 *
 * @param fwhmPx  typical width of a star image on this plate
 * @param frame  what SExtractor was shown; the places are those on the scan
 */
export function adoptPlaces(table: FitsTable, fwhmPx: number, frame: Frame): Detections {
  const n = table.rows
  const read = (name: string): Float64Array => {
    const column = table.columns.find((c) => c.name === name)
    if (column === undefined) throw new Error(`SExtractor's table has no column ${name}`)
    return Float64Array.from(column.data as ArrayLike<number>)
  }
  const xWin = read('XWIN_IMAGE').map((v) => v + frame.x0)
  const yWin = read('YWIN_IMAGE').map((v) => v + frame.y0)
  const xIso = read('X_IMAGE_DBL').map((v) => v + frame.x0)
  const yIso = read('Y_IMAGE_DBL').map((v) => v + frame.y0)
  const fwhm = read('FWHM_IMAGE')
  const flagsWin = Int32Array.from(read('FLAGS_WIN'))
  const x = new Float64Array(n)
  const y = new Float64Array(n)
  const placeSource = new Uint8Array(n)
  // The margins are equal on opposite sides.
  const right = frame.width + 2 * frame.x0 + 0.5
  const top = frame.height + 2 * frame.y0 + 0.5
  for (let i = 0; i < n; i++) {
    const shift = Math.hypot(xWin[i]! - xIso[i]!, yWin[i]! - yIso[i]!)
    const limit = MAX_SHIFT_FWHM * Math.max(fwhmPx, fwhm[i]!)
    const onScan = xWin[i]! > 0.5 && yWin[i]! > 0.5 && xWin[i]! < right && yWin[i]! < top
    const windowed = flagsWin[i] === 0 && shift <= limit && onScan
    x[i] = windowed ? xWin[i]! : xIso[i]!
    y[i] = windowed ? yWin[i]! : yIso[i]!
    placeSource[i] = windowed ? PLACE.windowed : PLACE.isophotal
  }
  const magInst = read('MAG_AUTO').map(undefinedMagnitude)
  const snrWin = read('SNR_WIN')
  const magWin = windowedMagnitude(snrWin, magInst)
  return {
    length: n,
    detId: Int32Array.from(read('NUMBER')),
    x,
    y,
    xErrorPx: read('ERRX2WIN_IMAGE').map(Math.sqrt),
    yErrorPx: read('ERRY2WIN_IMAGE').map(Math.sqrt),
    xWin,
    yWin,
    xIso,
    yIso,
    placeSource,
    magInst,
    magWin,
    brightness: magWin,
    magInstError: read('MAGERR_AUTO').map(undefinedMagnitude),
    fluxAuto: read('FLUX_AUTO'),
    peak: read('FLUX_MAX'),
    background: read('BACKGROUND'),
    fwhm: fwhm.map((width) => (width > 0 ? width : Number.NaN)),
    fluxRadius: read('FLUX_RADIUS'),
    semiMajor: read('A_IMAGE'),
    semiMinor: read('B_IMAGE'),
    thetaDeg: read('THETA_IMAGE'),
    ellipticity: read('ELLIPTICITY'),
    isoAreaPx: read('ISOAREA_IMAGE'),
    arealProfile: arealProfile(read),
    snrWin,
    sexFlags: withTruncation(Int32Array.from(read('FLAGS')), read, frame),
    flagsWin,
  }
}

/** SExtractor writes 99 for the magnitude of a flux that is not positive. */
function undefinedMagnitude(mag: number): number {
  return mag === 99 ? Number.NaN : mag
}

/** See `Detections.magWin`. */
function windowedMagnitude(snrWin: Float64Array, magInst: Float64Array): Float64Array {
  const measured = snrWin.map((snr) => (snr > 0 ? -2.5 * Math.log10(snr) : Number.NaN))
  const usual = median(measured.map((m, i) => m - magInst[i]!))
  return measured.map((m, i) => (Number.isNaN(m) ? magInst[i]! + usual : m))
}

/** See `Detections.arealProfile`; NaN where no pixel lies above the threshold. */
function arealProfile(read: (name: string) => Float64Array): Float64Array {
  const above = [1, 2, 3, 4, 5, 6, 7].map((level) => read(`ISO${level}`))
  return read('ISO0').map((area, i) =>
    area > 0 ? above.reduce((sum, areas) => sum + areas[i]!, 0) / (above.length * area) : Number.NaN,
  )
}

/** With a margin around it, SExtractor does not see where the scan ends: images that reach its edge are marked here. */
function withTruncation(flags: Int32Array, read: (name: string) => Float64Array, frame: Frame): Int32Array {
  const [left, right, low, high] = ['XMIN_IMAGE', 'XMAX_IMAGE', 'YMIN_IMAGE', 'YMAX_IMAGE'].map(read)
  // The margins are equal on opposite sides.
  const lastX = frame.width + 2 * frame.x0
  const lastY = frame.height + 2 * frame.y0
  return flags.map((bits, i) => {
    const cut =
      left![i]! + frame.x0 <= 1 ||
      low![i]! + frame.y0 <= 1 ||
      right![i]! + frame.x0 >= lastX ||
      high![i]! + frame.y0 >= lastY
    return cut ? bits | SEX_FLAG.truncated : bits
  })
}
