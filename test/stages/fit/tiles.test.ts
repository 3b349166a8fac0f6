// Mosaic scans: tiles smaller than a held-out block, tiles without stars, edges as a person may give them.
import { describe, expect, it } from 'vitest'
import { edgesOf, plainTilesOf } from '../../../src/pairs-to-fit.ts'
import { type FitResult, fit as fitPairs } from '../../../src/stages/fit.ts'
import { PIXEL, type Shift, starPairs } from './star-pairs.ts'

const SIZE_PX = 1000
const TILES = 8
const EDGES = Array.from({ length: TILES - 1 }, (_, k) => ((k + 1) * SIZE_PX) / TILES + 0.5)
const place = (at: number) => EDGES.filter((edge) => at > edge).length

/** Shifts of ± 0.6 px, other ones in neighbouring tiles. */
const perTile: Shift = ({ x, y }) => [
  0.6 * Math.cos(7 * place(x) + 3 * place(y)),
  0.6 * Math.sin(5 * place(x) - 2 * place(y) + 1),
]

function fitted(edges: { x: number[]; y: number[] }, count: number, hole = false): FitResult {
  const { input } = starPairs({ seed: 5, count, shift: perTile, tileEdges: edges })
  const trusted = input.trusted.map((is, i) => (hole && input.x[i]! < 250 && input.y[i]! < 250 ? 0 : is))
  const context = { ...input.context, plainTiles: plainTilesOf(edges, { ...input, trusted }) }
  return fitPairs({ ...input, trusted, context })!
}

/** Of the held-out residuals, px per axis. */
function heldOutPx({ heldOut, fit }: FitResult): number {
  const all = heldOut.residuals.flatMap(({ xi, eta }) =>
    [...xi, ...eta].filter((_, i) => fit.weight[i % xi.length]! > 0),
  )
  return Math.sqrt(all.reduce((sum, r) => sum + r * r, 0) / all.length) / PIXEL
}

describe('the tiles of a mosaic scan', () => {
  it('are found where each is smaller than a fifth of the scan', () => {
    const known = fitted({ x: EDGES, y: EDGES }, 2400)
    expect(known.constants.model.name).toMatch(/steps/)
    const unknown = fitted({ x: [], y: [] }, 2400)
    console.log(
      `held out: ${heldOutPx(known).toFixed(3)} px with the tiles, ${heldOutPx(unknown).toFixed(3)} without`,
    )
    expect(heldOutPx(known)).toBeLessThan(0.6 * heldOutPx(unknown))
  })

  it('are found where some of them have no stars', () => {
    const result = fitted({ x: EDGES, y: EDGES }, 2400, true)
    expect(result.constants.model.name).toMatch(/steps/)
    const shifted = result.constants.model.terms.filter(({ kind }) => kind === 'tile')
    expect(shifted).toHaveLength(TILES * TILES - 1 - 4) // the one the others are shifted against, and four in the hole
  })

  it('are shifted against the one with most stars', () => {
    const { input } = starPairs({ seed: 2, count: 500 })
    const crowded = { x: input.x.map((x) => (x < 600 ? 700 : x)), y: input.y, trusted: input.trusted }
    expect(plainTilesOf({ x: [500.5], y: [] }, crowded)).toEqual([0, 1])
    expect(plainTilesOf({ x: [], y: [] }, input)).toEqual([0])
  })

  it('lie between edges in any order, given twice or off the scan', () => {
    expect(edgesOf('1500,500.5,500.5,1000,2500,0', 2000)).toEqual([500.5, 1000, 1500])
    expect(edgesOf(undefined, 2000)).toEqual([])
  })
})
