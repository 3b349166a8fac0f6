// What a map of the sky shows: coverage in a few steps of depth.
import { EMPTY_MOC, type Moc, skyShare, union } from '../math/moc.ts'

/** A part of the sky, and how deep its stars are known; the parts of a map do not overlap. */
export interface SkyPart {
  /** All stars down to this G; null: all that there are. */
  limitMag: number | null
  /** The coverage was guessed from the stars. */
  estimated: boolean
  moc: Moc
}

export interface SkyLayer {
  /** From 0, the brightest limit, to `steps − 1`. */
  step: number
  estimated: boolean
  /** `every star`, `G ≤ 17`, `G ≤ 12 to 14`. */
  label: string
  moc: Moc
  areaDeg2: number
}

export interface SkyLayers {
  steps: number
  /** Shallow ones first. */
  layers: SkyLayer[]
}

const SKY_DEG2 = 129600 / Math.PI
const depthOf = (limitMag: number | null): number => limitMag ?? Number.POSITIVE_INFINITY

/** Coverage in at most `most` steps; limits that lie next to each other share one where there are more. */
export function skyLayers(parts: readonly SkyPart[], most: number): SkyLayers {
  const shown = parts.filter(({ moc }) => moc.length > 0)
  const limits = [...new Set(shown.map(({ limitMag }) => depthOf(limitMag)))].sort((a, b) => a - b)
  const steps = Math.min(most, limits.length)
  const stepOf = (limitMag: number | null) =>
    Math.floor((limits.indexOf(depthOf(limitMag)) * steps) / limits.length)
  const layers: SkyLayer[] = []
  for (let step = 0; step < steps; step++) {
    const own = shown.filter(({ limitMag }) => stepOf(limitMag) === step)
    for (const estimated of [false, true]) {
      const same = own.filter((part) => part.estimated === estimated)
      const moc = union(EMPTY_MOC, ...same.map((part) => part.moc))
      if (moc.length === 0) continue
      const label = labelOf(same.map(({ limitMag }) => depthOf(limitMag)))
      layers.push({ step, estimated, label, moc, areaDeg2: skyShare(moc) * SKY_DEG2 })
    }
  }
  return { steps, layers }
}

function labelOf(limits: readonly number[]): string {
  const [least, most] = [Math.min(...limits), Math.max(...limits)]
  const text = (limit: number) => (Number.isFinite(limit) ? `${Math.round(limit * 100) / 100}` : 'every star')
  if (least === most) return Number.isFinite(least) ? `G ≤ ${text(least)}` : text(least)
  return `G ≤ ${text(least)} to ${text(most)}`
}
