// The ladder of attempts: what is known is used first, and is dropped rung by rung, because logbooks err. A right
// guess solves within a second, so every rung is tried briefly before any is tried at length.

export interface Known {
  place: { raDeg: number; decDeg: number; radiusDeg: number } | null
  scaleArcsecPerPx: readonly [low: number, high: number] | null
  hasHeaderWcs: boolean
  /** Reference stars, of which indexes of the field can be made. */
  hasStars: boolean
  hasStoreIndexes: boolean
  hasIndexDirs: boolean
  /** The folders' indexes have patterns small enough for the field, as far as its size is known. */
  foldersSuitField: boolean
}

export interface Rung {
  name: string
  /** Which indexes: made on the spot from the reference stars, those of the store of stars, or those of the folders. */
  index: 'field' | 'store' | 'folders'
  usePlace: boolean
  useScale: boolean
  verifyHeader: boolean
  /** Share of the CPU limit of one attempt. */
  cpuShare: number
}

const BRIEF = 0.04

/** Attempts in the order in which they are made. A header solution is verified first, like any other. */
export function ladder(known: Known): Rung[] {
  const { place, scaleArcsecPerPx: scale } = known
  const indexes = [
    // Those of the store are there already, and near the plate's epoch; those of the folders may be too coarse for it.
    ...(known.hasStoreIndexes ? (['store'] as const) : []),
    ...(known.hasStars ? (['field'] as const) : []),
    ...(known.hasIndexDirs ? (['folders'] as const) : []),
  ]
  const rung = (index: Rung['index'], usePlace: boolean, useScale: boolean, cpuShare: number): Rung => {
    const used = [usePlace ? 'place' : '', useScale ? 'scale' : ''].filter((word) => word !== '').join('+')
    const name = `${index}:${used === '' ? 'blind' : used}${cpuShare === BRIEF ? '' : ' at length'}`
    return { name, index, usePlace, useScale, verifyHeader: false, cpuShare }
  }
  const verified = indexes.map((index) => ({
    ...rung(index, place !== null, scale !== null, BRIEF),
    name: `${index}:header-wcs`,
    verifyHeader: true,
  }))
  // The place is the likelier error, so it is dropped before the scale.
  const steps = [
    ...(place && scale ? [[true, true] as const] : []),
    ...(scale ? [[false, true] as const] : []),
    ...(place ? [[true, false] as const] : []),
    [false, false] as const,
  ]
  const brief = steps.flatMap(([p, s]) => indexes.map((index) => rung(index, p, s, BRIEF)))
  // At length only with the scale where it is known: without it the search is too wide to end by luck.
  const worthwhile = steps.filter(([, useScale]) => useScale === (scale !== null))
  const suitable = indexes.filter((index) => index !== 'folders' || known.foldersSuitField)
  const long = worthwhile.flatMap(([p, s]) => suitable.map((index) => rung(index, p, s, p ? 0.5 : 1)))
  return [...(known.hasHeaderWcs ? verified : []), ...brief, ...long]
}
