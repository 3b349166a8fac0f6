// Which model: each effect is found where it is, and only it; nothing is found where there is nothing.
import { describe, expect, it } from 'vitest'
import { alternativeOf, FAMILY_NAMES, type FamilyName } from '../../../src/models/models.ts'
import { type FitResult, fit as fitPairs } from '../../../src/stages/fit.ts'
import { type Shift, type StarPairsOptions, starPairs } from './star-pairs.ts'

const SEEDS = 30

function over(seeds: number, options: Omit<StarPairsOptions, 'seed'>): FitResult[] {
  return Array.from({ length: seeds }, (_, k) => {
    const seed = k + 1
    const laid = { rotationDeg: 37 * seed, mirrored: seed % 2 === 0 }
    return fitPairs(starPairs({ count: 300, wildShare: 0.05, ...laid, ...options, seed }).input)!
  })
}

const nameIn = ({ choice }: FitResult, family: FamilyName) => alternativeOf(choice, family).name

/** By family, how often each alternative was taken. */
function tally(results: FitResult[]): string {
  return FAMILY_NAMES.map((family) => {
    const counts = new Map<string, number>()
    for (const result of results) {
      const name = nameIn(result, family) || 'none'
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    return `${family}: ${[...counts].map(([name, n]) => `${name} ${n}`).join(', ')}`
  })
    .filter((text) => !/: none \d+$/.test(text))
    .join('; ')
}

const r2 = (u: number, v: number) => u * u + v * v
const wave = (s: number, periodPx: number) => Math.sin((2 * Math.PI * s) / periodPx + 1)
const EDGES = { x: [400], y: [450] }

interface Case {
  shift: Shift
  /** What is to be taken of each family; of the others nothing. */
  expected: Partial<Record<FamilyName, string>>
  options?: Partial<StarPairsOptions>
}

const CASES: [name: string, one: Case][] = [
  [
    'tilt',
    { shift: ({ u, v }) => [0.3 * u * (u + v), 0.3 * v * (u + v)], expected: { geometry: 'projective' } },
  ],
  [
    'radial distortion about a place off the middle',
    {
      shift: ({ u, v }) => [0.4 * (u - 0.2) * r2(u - 0.2, v + 0.1), 0.4 * (v + 0.1) * r2(u - 0.2, v + 0.1)],
      expected: { geometry: 'radial' },
    },
  ],
  ['a quadratic', { shift: ({ u, v }) => [0.4 * v * v, 0.4 * u * u], expected: { geometry: 'quadratic' } }],
  [
    'a cubic',
    { shift: ({ u, v }) => [0.5 * v ** 3, 0.3 * u * v + 0.5 * u ** 3], expected: { geometry: 'cubic' } },
  ],
  ['a magnitude equation', { shift: ({ m }) => [0.05 * m, 0.02 * m], expected: { magnitude: 'magnitude' } }],
  [
    'a magnitude equation with its square',
    {
      shift: ({ m }) => [0.05 * m + 0.02 * m * m, 0.02 * m * m],
      expected: { magnitude: 'magnitude m m²' },
      options: { count: 500 }, // the bright stars that tell the square are few
    },
  ],
  ['coma', { shift: ({ u, v, m }) => [0.06 * u * m, 0.06 * v * m], expected: { coma: 'coma' } }],
  [
    'a shift with magnitude and place that is no coma',
    { shift: ({ u, v, m }) => [0.08 * v * m, -0.08 * u * m], expected: { coma: 'magnitude × place' } },
  ],
  ['colour', { shift: ({ c }) => [0.1 * c, -0.15 * c], expected: { colour: 'colour' } }],
  [
    'a scale that depends on colour',
    { shift: ({ u, v, c }) => [0.25 * c * u, 0.25 * c * v], expected: { refraction: 'colour × radius' } },
  ],
  [
    'refraction',
    { shift: ({ u, v, c }) => [0.3 * c * v, -0.3 * c * u], expected: { refraction: 'colour × place' } },
  ],
  ['a wave along x', { shift: ({ x }) => [0.15 * wave(x, 90), 0], expected: { periodic: 'periodic' } }],
  [
    'waves along both axes',
    { shift: ({ x, y }) => [0.15 * wave(x, 90), 0.2 * wave(y, 310)], expected: { periodic: 'periodic' } },
  ],
  [
    'tiles that are shifted',
    {
      shift: ({ x, y }) => [x > 400 && y > 450 ? 0.2 : 0, x > 400 ? 0.15 : 0],
      expected: { steps: 'steps' },
      options: { tileEdges: EDGES },
    },
  ],
]

describe('the choice of the plate model', () => {
  it.each(CASES)('finds %s, and only that', (name, { shift, expected, options }) => {
    const results = over(SEEDS, { shift, ...options })
    const wanted = (family: FamilyName) => expected[family] ?? (family === 'geometry' ? 'affine' : '')
    const found = results.filter((one) =>
      (Object.keys(expected) as FamilyName[]).every((family) => nameIn(one, family) === wanted(family)),
    )
    const only = results.filter((one) =>
      FAMILY_NAMES.every((family) => nameIn(one, family) === wanted(family)),
    )
    console.log(`${name}: found in ${found.length} of ${SEEDS}, alone in ${only.length} (${tally(results)})`)
    expect(found.length).toBeGreaterThanOrEqual(0.9 * SEEDS)
    expect(only.length).toBeGreaterThanOrEqual(0.8 * SEEDS)
  })

  it.each([
    ['300 pairs', { count: 300 }],
    ['300 pairs, a fifth wild', { count: 300, wildShare: 0.2 }],
    ['80 pairs', { count: 80 }],
    ['30 pairs', { count: 30 }],
    ['300 pairs of a mosaic without shifts', { count: 300, tileEdges: EDGES }],
  ] as [string, Partial<StarPairsOptions>][])('finds nothing on a clean plate of %s', (name, options) => {
    const seeds = 40
    const results = over(seeds, options)
    const alarms = FAMILY_NAMES.map((family) => {
      const count = results.filter(
        (one) => nameIn(one, family) !== (family === 'geometry' ? 'affine' : ''),
      ).length
      return [family, count] as const
    })
    console.log(`clean, ${name}: ${alarms.map(([family, n]) => `${family} ${n}`).join(', ')} of ${seeds}`)
    for (const [family, count] of alarms) expect(count / seeds, family).toBeLessThanOrEqual(0.05)
  })
})
