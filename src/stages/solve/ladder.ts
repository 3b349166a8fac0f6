// The ladder of attempts: what is known is used first, and is dropped rung by rung, because logbooks err.

export interface Known {
  place: { raDeg: number; decDeg: number; radiusDeg: number } | null
  scaleArcsecPerPx: readonly [low: number, high: number] | null
  hasHeaderWcs: boolean
  hasFieldIndex: boolean
  hasIndexDirs: boolean
}

export interface Rung {
  name: string
  /** Which indexes: made on the spot from the reference stars, or those of the folders. */
  index: 'field' | 'folders'
  usePlace: boolean
  useScale: boolean
  verifyHeader: boolean
  /** Share of the CPU limit of one attempt. */
  cpuShare: number
}

/**
 * Attempts in the order in which they are made. A header solution is verified first, like any other; then place and
 * scale, scale alone (the place is the likelier error), place alone, and nothing.
 */
export function ladder(known: Known): Rung[] {
  const rungs: Rung[] = []
  const indexes = [
    ...(known.hasFieldIndex ? (['field'] as const) : []),
    ...(known.hasIndexDirs ? (['folders'] as const) : []),
  ]
  const add = (index: Rung['index'], usePlace: boolean, useScale: boolean, share: number) => {
    const what = [usePlace ? 'place' : '', useScale ? 'scale' : ''].filter((w) => w !== '').join('+')
    rungs.push({
      name: `${index}:${what === '' ? 'blind' : what}`,
      index,
      usePlace,
      useScale,
      verifyHeader: false,
      cpuShare: share,
    })
  }
  for (const index of indexes) {
    if (known.hasHeaderWcs) {
      rungs.push({
        name: `${index}:header-wcs`,
        index,
        usePlace: known.place !== null,
        useScale: known.scaleArcsecPerPx !== null,
        verifyHeader: true,
        cpuShare: 0.25,
      })
    }
  }
  for (const index of indexes) if (known.place && known.scaleArcsecPerPx) add(index, true, true, 0.5)
  for (const index of indexes) if (known.scaleArcsecPerPx) add(index, false, true, 1)
  for (const index of indexes) if (known.place) add(index, true, false, 0.5)
  for (const index of indexes) add(index, false, false, 1)
  return rungs
}
