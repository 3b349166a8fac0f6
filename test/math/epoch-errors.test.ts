import { describe, expect, it } from 'vitest'
import { type Astrometry, follow, type MotionModel, newCourse, propagate } from '../../src/math/epoch.ts'
import { covarianceMatrix, partials, placeCovariance, propagateErrors } from '../../src/math/epoch-errors.ts'
import { DEG, MAS, unitVector } from '../../src/math/sphere.ts'
import { type Random, randomStream } from '../../src/simulate/random.ts'
import { drawStar, FAST_STARS, hasAstropy, hipparcosMoves } from './space-motion.ts'

const MODELS = ['light-time', 'standard'] as const
const SPANS_YR = [-150, -20, 115]
const PARAMETERS = ['ra', 'dec', 'parallax', 'pmRa', 'pmDec', 'radial velocity']

const random = randomStream(11, 'epoch errors')
const STARS: Astrometry[] = [
  ...FAST_STARS.map(([, star]) => star),
  ...Array.from({ length: 40 }, (_, i) => {
    const dec = i % 4 === 0 ? 90 - 10 ** random.between(-1, 1) / 3600 : Math.asin(random.between(-1, 1)) / DEG
    return drawStar(random, random.between(0, 360), dec, 10 ** random.between(0, 3.5))
  }),
  drawStar(random, 40, 90, 100),
  drawStar(random, 220, -90, 3000),
]

type Vector = [number, number, number]
const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const sum = (...terms: [number, Vector][]): Vector =>
  [0, 1, 2].map((k) => terms.reduce((total, [factor, v]) => total + factor * v[k]!, 0)) as Vector

/** East, north and outward unit vectors at a place. */
function triad({ raDeg, decDeg }: Astrometry): [Vector, Vector, Vector] {
  const [ra, dec] = [raDeg * DEG, decDeg * DEG]
  const north: Vector = [-Math.sin(dec) * Math.cos(ra), -Math.sin(dec) * Math.sin(ra), Math.cos(dec)]
  return [[-Math.sin(ra), Math.cos(ra), 0], north, [...unitVector(ra, dec)]]
}

/** The star with its six parameters changed (mas, mas/yr, km/s); a change of place carries the motion along unturned. */
function changed(star: Astrometry, by: readonly number[]): Astrometry {
  const [p, q, u] = triad(star)
  const [east, north] = [by[0]! * MAS, by[1]! * MAS]
  const moved = sum([1, u], [east, p], [north, q])
  const place = {
    raDeg: Math.atan2(moved[1], moved[0]) / DEG,
    decDeg: Math.atan2(moved[2], Math.hypot(moved[0], moved[1])) / DEG,
  }
  const motion = sum([star.pmRaMasYr + by[3]!, p], [star.pmDecMasYr + by[4]!, q])
  const there = { ...star, ...place }
  const [p1, q1] = triad(there)
  const carried = sum([1, motion], [-east * dot(motion, p) - north * dot(motion, q), u])
  return {
    ...there,
    pmRaMasYr: dot(carried, p1),
    pmDecMasYr: dot(carried, q1),
    parallaxMas: star.parallaxMas + by[2]!,
    radialVelocityKmS: star.radialVelocityKmS + by[5]!,
  }
}

/** The inverse of `changed`: by what `star` differs from `from`, to first order. */
function change(from: Astrometry, star: Astrometry): number[] {
  const [p, q] = triad(from)
  const [p1, q1, u1] = triad(star)
  const motion = sum([star.pmRaMasYr, p1], [star.pmDecMasYr, q1])
  return [
    dot(u1, p) / MAS,
    dot(u1, q) / MAS,
    star.parallaxMas - from.parallaxMas,
    dot(motion, p) - from.pmRaMasYr,
    dot(motion, q) - from.pmDecMasYr,
    star.radialVelocityKmS - from.radialVelocityKmS,
  ]
}

const STEPS = [50, 50, 0.05, 0.05, 0.05, 0.5]

/** Central differences of the propagation, as `partials` has them. */
function differences(star: Astrometry, dtYr: number, model: MotionModel): number[] {
  const moved = propagate(star, dtYr, model)
  const matrix = new Array<number>(36).fill(0)
  STEPS.forEach((size, k) => {
    const step = k === 2 ? size * Math.min(1, star.parallaxMas / 5) : size
    const sides = [step, -step].map((s) => {
      const by = STEPS.map((_, i) => (i === k ? s : 0))
      return change(moved, propagate(changed(star, by), dtYr, model))
    })
    for (let row = 0; row < 6; row++) matrix[row * 6 + k] = (sides[0]![row]! - sides[1]![row]!) / (2 * step)
  })
  return matrix
}

function jacobianOf(star: Astrometry, dtYr: number, model: MotionModel): Float64Array {
  const [course, out] = [newCourse(), new Float64Array(36)]
  follow(course, star, dtYr, model)
  partials(course, out)
  return out
}

// Typical of bright Gaia stars: mas, mas, mas, mas/yr, mas/yr, km/s.
const SIGMAS = [0.04, 0.05, 0.05, 0.06, 0.05, 0.4]

describe('the partial derivatives of the propagation', () => {
  it.each(MODELS)('are those of numerical differences: %s', (model) => {
    const worst = new Array<number>(36).fill(0)
    for (const star of STARS) {
      for (const dt of SPANS_YR) {
        const [own, numerical] = [jacobianOf(star, dt, model), differences(star, dt, model)]
        // Judged by what they do to a typical error, in units of the error that the parameter has at the epoch.
        const sigma = PARAMETERS.map((_, row) => Math.hypot(...SIGMAS.map((s, k) => own[row * 6 + k]! * s)))
        own.forEach((value, n) => {
          const off = (Math.abs(value - numerical[n]!) * SIGMAS[n % 6]!) / sigma[Math.floor(n / 6)]!
          worst[n] = Math.max(worst[n]!, off)
        })
      }
    }
    const n = worst.indexOf(Math.max(...worst))
    console.log(
      `${model}: derivatives off by at most ${worst[n]!.toExponential(1)} of an error, ` +
        `${PARAMETERS[Math.floor(n / 6)]} by ${PARAMETERS[n % 6]}`,
    )
    expect(worst[n]).toBeLessThan(1e-5)
  })
})

/** Drawn errors whose covariance matrix is that of a real fit: sigmas about SIGMAS, correlations up to ±0.7. */
function drawErrors(draw: Random): { sigmas: Float64Array; correlations: Float64Array } {
  const mixing = Array.from({ length: 25 }, (_, n) => draw.gauss() * (n % 6 === 0 ? 1 : 0.5))
  const row = (i: number) => mixing.slice(i * 5, i * 5 + 5)
  const product = (i: number, j: number) => row(i).reduce((total, value, k) => total + value * row(j)[k]!, 0)
  const correlations: number[] = []
  for (let i = 0; i < 5; i++) {
    for (let j = i + 1; j < 5; j++)
      correlations.push(product(i, j) / Math.sqrt(product(i, i) * product(j, j)))
  }
  return {
    sigmas: Float64Array.from(SIGMAS, (sigma) => sigma * 10 ** draw.between(-0.5, 1)),
    correlations: Float64Array.from(correlations),
  }
}

/** Largest difference of two covariance matrices, each element in units of its two errors. */
function worstElement(own: ArrayLike<number>, other: ArrayLike<number>): number {
  let worst = 0
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) {
      const scale = Math.sqrt(own[i * 7]! * own[j * 7]!)
      worst = Math.max(worst, Math.abs(own[i * 6 + j]! - other[i * 6 + j]!) / scale)
    }
  }
  return worst
}

describe('the covariance at another epoch', () => {
  it.skipIf(!hasAstropy)('agrees without light-time with the equations of the Hipparcos Catalogue', () => {
    const draw = randomStream(12, 'covariances')
    const stars = STARS.map((star) => {
      const { sigmas, correlations } = drawErrors(draw)
      return { ...star, covariance: [...covarianceMatrix(sigmas, correlations)] }
    })
    let worst = 0
    hipparcosMoves(stars, SPANS_YR).forEach((judged, k) => {
      stars.forEach((star, i) => {
        const own = propagateErrors(star, star.covariance, SPANS_YR[k]!, 'standard').covariance
        worst = Math.max(worst, worstElement(own, judged.covariance![i]!))
      })
    })
    console.log(
      `covariances of ${stars.length} stars: off by at most ${worst.toExponential(1)} of the errors' product`,
    )
    expect(worst).toBeLessThan(1e-7)
  })

  it('is that of stars drawn with such errors and moved one by one', () => {
    const draw = randomStream(13, 'drawn stars')
    const trials = 20_000
    for (const [name, star, dt] of [
      ["Barnard's star", STARS[0]!, -150],
      ['a star near the pole', STARS[6]!, 115],
      ['a star', STARS[7]!, -115],
    ] as const) {
      const { sigmas, correlations } = drawErrors(draw)
      sigmas[5] = 40 // so that the error along the line of sight tells on the place
      const start = covarianceMatrix(sigmas, correlations)
      const root = cholesky(start)
      const moved = propagateErrors(star, start, dt)
      const sums = new Float64Array(36)
      for (let trial = 0; trial < trials; trial++) {
        const z = STEPS.map(() => draw.gauss())
        const by = STEPS.map((_, i) =>
          z.reduce((total, value, j) => total + (j <= i ? root[i * 6 + j]! * value : 0), 0),
        )
        const off = change(moved.star, propagate(changed(star, by), dt))
        for (let n = 0; n < 36; n++) sums[n]! += (off[Math.floor(n / 6)]! * off[n % 6]!) / trials
      }
      const worst = worstElement(moved.covariance, sums)
      console.log(
        `${name}, ${trials} drawn: covariance off by at most ${worst.toFixed(4)} of the errors' product`,
      )
      expect(worst).toBeLessThan(4.5 * Math.sqrt(2 / trials)) // a sum of squares scatters by √(2/trials)
    }
  })

  it('grows by σ_μ Δt where errors are not correlated and the star is far', () => {
    const far = {
      ...STARS[7]!,
      decDeg: 20,
      parallaxMas: 0.5,
      pmRaMasYr: 3,
      pmDecMasYr: -2,
      radialVelocityKmS: 10,
    }
    const { covariance } = propagateErrors(far, covarianceMatrix(SIGMAS, new Float64Array(10)), -115)
    expect(Math.sqrt(covariance[0]!)).toBeCloseTo(Math.hypot(0.04, 115 * 0.06), 4)
    expect(Math.sqrt(covariance[7]!)).toBeCloseTo(Math.hypot(0.05, 115 * 0.05), 4)
    expect(covariance[1]! / Math.sqrt(covariance[0]! * covariance[7]!)).toBeCloseTo(0, 4)
    expect(Math.sqrt(covariance[21]!)).toBeCloseTo(0.06, 6)
  })

  it('takes the error of the radial velocity of a near and fast star into its place: μ μ_r Δt²', () => {
    const [, barnard] = FAST_STARS[0]!
    const { covariance } = propagateErrors(
      barnard,
      covarianceMatrix([0, 0, 0, 0, 0, 1], new Float64Array(10)),
      -150,
    )
    // 10.36″/yr · (1 km/s · 0.547″ / 4.74 km/s·yr/au) · 150² yr², less what the star has come nearer since
    const expected = (10362.394 * (546.976 * MAS * 150 ** 2)) / 4.74047
    expect(Math.sqrt(covariance[7]!) / expected).toBeCloseTo(1, 1)
  })

  it('comes back over the same years', () => {
    const draw = randomStream(14, 'there and back')
    for (const star of STARS.slice(0, -2)) {
      // at the poles themselves, it comes back on another meridian
      const { sigmas, correlations } = drawErrors(draw)
      const start = covarianceMatrix(sigmas, correlations)
      const there = propagateErrors(star, start, -100)
      const back = propagateErrors(there.star, there.covariance, 100)
      expect(worstElement(start, back.covariance)).toBeLessThan(1e-4)
    }
  })

  it('has the same corner for one star and for stars by the hundred thousand', () => {
    const draw = randomStream(15, 'corners')
    for (const star of STARS) {
      const { sigmas, correlations } = drawErrors(draw)
      const whole = propagateErrors(star, covarianceMatrix(sigmas, correlations), -87).covariance
      const [course, rows, out] = [newCourse(), new Float64Array(12), new Float64Array(3)]
      follow(course, star, -87, 'light-time')
      partials(course, rows)
      placeCovariance(rows, sigmas, correlations, out)
      const scale = Math.sqrt(whole[0]! * whole[7]!)
      expect(Math.abs(out[0]! / whole[0]! - 1)).toBeLessThan(1e-12)
      expect(Math.abs(out[1]! / whole[7]! - 1)).toBeLessThan(1e-12)
      expect(Math.abs(out[2]! - whole[1]!) / scale).toBeLessThan(1e-12)
    }
  })

  it('is zero where no error is known', () => {
    const { covariance } = propagateErrors(STARS[0]!, new Float64Array(36), 100)
    expect([...covariance].every((value) => value === 0)).toBe(true)
  })
})

/** Lower triangular root L of a positive definite 6 × 6 matrix, L Lᵀ. */
function cholesky(matrix: Float64Array): Float64Array {
  const root = new Float64Array(36)
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * 6 + j]!
      for (let k = 0; k < j; k++) rest -= root[i * 6 + k]! * root[j * 6 + k]!
      root[i * 6 + j] = i === j ? Math.sqrt(rest) : rest / root[j * 7]!
    }
  }
  return root
}
