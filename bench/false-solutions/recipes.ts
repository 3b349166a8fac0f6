// The plates of the bench: every real one at hand, and simulated ones from a handful of stars to thousands, from clean to
// ruined, and some that hold nothing but flaws.
import type { Recipe } from './plates.ts'

const SERPENS = '../shared/gaia/serpens-dr2.csv'

const real = (name: string, scan: string, stars?: string | null): Recipe => ({
  name,
  real: { scan: `${scan}.fits`, stars: stars ?? null, solved: stars !== undefined },
})

/** Stars per plate follow from the density, the field and the limit. */
const sky = (name: string, options: Record<string, unknown>): Recipe => ({
  name,
  simulated: { stars: 'synthetic', ra: 120, dec: 25, width: 1000, field: 1, ...options },
})

/** No star is bright enough to leave an image. */
const flaws = (name: string, options: Record<string, unknown>): Recipe => ({
  ...sky(name, { density: 0.1, field: 0.3, limit: 6, ...options }),
  starless: true,
})

export const RECIPES: Recipe[] = [
  real('m67', 'm67-poss1-e-1951', 'gaia/m67-dr3.csv'),
  real('m44', 'm44-1975', null),
  real('orion', 'orion-harvard-b2312-1888', null),
  real('horsehead', 'horsehead-serc-er-1990'),
  real('gemini', 'gemini-poss1-o-1954'),
  real('supercosmos-2012', 'supercosmos-2012'),
  real('supercosmos-2300', 'supercosmos-2300'),
  sky('stars-30', { density: 12, limit: 12.5 }),
  sky('stars-60', { density: 12, limit: 13.5, damage: 4 }),
  sky('stars-150', { density: 30, limit: 13.5, damage: 2, mirror: true, rotation: 40 }),
  sky('stars-400', { density: 60, limit: 14, damage: 6, tilt: 20 }),
  sky('stars-1200', { density: 90, limit: 15, damage: 0, distortion: 20 }),
  sky('stars-1200-ruined', { density: 90, limit: 15, damage: 8, rotation: 100 }),
  sky('stars-5000', { density: 300, limit: 15.2, width: 1600, damage: 3 }),
  { name: 'serpens', simulated: { stars: SERPENS, field: 0.6, width: 1200, epoch: 1930, damage: 3 } },
  flaws('flaws-3', { damage: 3 }),
  flaws('flaws-6', { damage: 6, rebate: 2 }),
  flaws('flaws-8', { damage: 8 }),
  flaws('flaws-mould', { damage: 2, mould: 12, pinholes: 400, dust: 300 }),
]
