// How the star images of a plate look: one profile of light that all stars share, and the response of emulsion and scanner,
// which levels off. Images that overlap add their light, not their density: that is what makes blends of saturated
// images tractable.

/** Lengths in pixels of the scan. */
export interface ImageShape {
  /** Core of the light: (1 + q)^−β, q = r²/α² (Moffat 1969, A&A 3, 455). */
  alphaPx: number
  beta: number
  /** Strength and slope of the wings: ω (1 + q/κ²)^−β', the aureole that scattered light makes. */
  wing: number
  wingBeta: number
  /** Stretch along x (less y), and along the diagonal: q = ((1 + e₁) x² + 2 e₂ x y + (1 − e₁) y²) / α². */
  e1: number
  e2: number
  /** Where the scan levels off, above the sky, units of the positive. */
  plateau: number
  /** How sharply: level = plateau · u / (1 + u^γ)^(1/γ) of the light u; 1 is gentle, 3 abrupt, below 1 like a logarithm. */
  gamma: number
}

/** Width of the wings over that of the core, κ. */
export const WING_WIDTH = 4

/** Light at q of an image of unit light. */
export function lightAt(shape: ImageShape, q: number): number {
  return (1 + q) ** -shape.beta + shape.wing * (1 + q / WING_WIDTH ** 2) ** -shape.wingBeta
}

/** Level above the sky that the light u leaves. */
export function levelOf(shape: ImageShape, u: number): number {
  if (u <= 0) return 0
  const { gamma, plateau } = shape
  // Written with the larger of u and 1 outside, so that no power overflows.
  return u > 1 ? plateau * (1 + u ** -gamma) ** (-1 / gamma) : plateau * u * (1 + u ** gamma) ** (-1 / gamma)
}

/** The light that leaves a level; infinite from the plateau on. */
export function lightOf(shape: ImageShape, level: number): number {
  const t = level / shape.plateau
  if (t <= 0) return 0
  return t >= 1 ? Number.POSITIVE_INFINITY : t * (1 - t ** shape.gamma) ** (-1 / shape.gamma)
}

/** Radius where an image of unit light falls to a value, px; 0 where its top is lower. */
export function radiusOfLight(shape: ImageShape, value: number): number {
  if (!(value < lightAt(shape, 0))) return 0
  let low = 0
  let high = 1
  while (lightAt(shape, high) > value && high < 1e8) {
    low = high
    high *= 4
  }
  for (let k = 0; k < 30; k++) {
    const middle = (low + high) / 2
    if (lightAt(shape, middle) > value) low = middle
    else high = middle
  }
  return shape.alphaPx * Math.sqrt((low + high) / 2)
}

/** Radius where an image of light `a` falls to a level above the sky, px; 0 where it never reaches it. */
export function radiusAt(shape: ImageShape, a: number, level: number): number {
  return radiusOfLight(shape, lightOf(shape, level) / a)
}

/** Full width at half maximum of the light, px: that of faint images. */
export function widthOf(shape: ImageShape): number {
  return 2 * radiusOfLight(shape, lightAt(shape, 0) / 2)
}
