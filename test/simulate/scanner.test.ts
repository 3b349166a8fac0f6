// Tiles of a mosaic scan: each is shifted as a whole, by amounts with the stated spread, and the edges lie where they are said.
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { type ScannerErrors, scannedBy, tileEdges } from '../../src/simulate/scanner.ts'
import { simulate } from '../../src/simulate/simulate.ts'
import { readTruth, SMALL, shiftsBetween, withFolder } from './plates.ts'

const MOSAIC: ScannerErrors = {
  ...{ pixelUm: 20, wobbleUm: 0, wobblePeriodMm: 9 },
  ...{ tileStepUm: 6, tileMm: 10, seed: 3 },
}
const SIDE_PX = 500 // 10 mm of pixels of 20 µm

/** Shift of what lies at a pixel, micrometres. */
function stepAt(errors: ScannerErrors, x: number, y: number): [number, number] {
  const place = scannedBy(errors)(x, y)
  return [(place.x - x) * errors.pixelUm, (place.y - y) * errors.pixelUm]
}

describe('the tiles of a scan', () => {
  it('are shifted whole, up to their edges', () => {
    for (const [column, row] of [
      [0, 0],
      [3, 1],
      [2, 7],
    ] as const) {
      const [x, y] = [0.5 + column * SIDE_PX, 0.5 + row * SIDE_PX]
      const middle = stepAt(MOSAIC, x + SIDE_PX / 2, y + SIDE_PX / 2)
      for (const [dx, dy] of [
        [0.001, 0.001],
        [SIDE_PX - 0.001, 0.001],
        [0.001, SIDE_PX - 0.001],
        [SIDE_PX - 0.001, SIDE_PX - 0.001],
      ] as const) {
        const corner = stepAt(MOSAIC, x + dx, y + dy)
        expect(corner[0]).toBeCloseTo(middle[0], 8)
        expect(corner[1]).toBeCloseTo(middle[1], 8)
      }
      const next = stepAt(MOSAIC, x + SIDE_PX + 0.001, y + 1)
      expect(Math.hypot(next[0] - middle[0], next[1] - middle[1])).toBeGreaterThan(0.1)
    }
  })

  it('are shifted by the stated amount on average, along each axis for itself, another way for another seed', () => {
    const steps: [number, number][] = []
    for (let row = 0; row < 40; row++) {
      for (let column = 0; column < 40; column++)
        steps.push(stepAt(MOSAIC, 250 + column * SIDE_PX, 250 + row * SIDE_PX))
    }
    const mean = (value: (step: [number, number]) => number) =>
      steps.reduce((sum, step) => sum + value(step), 0) / steps.length
    const [rmsX, rmsY] = [Math.sqrt(mean(([dx]) => dx * dx)), Math.sqrt(mean(([, dy]) => dy * dy))]
    const product = mean(([dx, dy]) => dx * dy)
    console.log(
      `rms of 1600 tiles ${rmsX.toFixed(2)} and ${rmsY.toFixed(2)} um; mean product ${product.toFixed(2)} um²`,
    )
    // Standard errors of an rms of 6 from 1600 tiles: 0.11; of a product: 0.9.
    expect(Math.abs(rmsX - 6)).toBeLessThan(0.4)
    expect(Math.abs(rmsY - 6)).toBeLessThan(0.4)
    expect(Math.abs(product)).toBeLessThan(3)
    expect(Math.abs(mean(([dx]) => dx))).toBeLessThan(0.6)
    expect(stepAt({ ...MOSAIC, seed: 4 }, 250, 250)).not.toEqual(steps[0])
  })

  it('meet at multiples of their side, within the scan', () => {
    expect(tileEdges(MOSAIC, 1800)).toEqual([500.5, 1000.5, 1500.5])
    expect(tileEdges(MOSAIC, 1000)).toEqual([500.5])
    expect(tileEdges(MOSAIC, 400)).toEqual([])
    expect(tileEdges({ ...MOSAIC, tileStepUm: 0 }, 1800)).toEqual([])
  })
})

describe('a plate scanned as a mosaic', () => {
  const options = { ...SMALL, width: 500, height: 300, pixelUm: 20, seed: 8 }

  it('has the steps in its places of stars, and its edges in the header of the truth', async () => {
    await withFolder(async (outDir) => {
      const plain = await simulate({ ...options, name: 'plain' }, { outDir })
      const tiled = await simulate({ ...options, name: 'tiled', tileStep: 30, tile: 4 }, { outDir })
      const [before, after] = [await readTruth(plain.truth), await readTruth(tiled.truth)]
      const shifts = new Map<string, Set<string>>()
      for (const { from, to } of shiftsBetween(before, after)) {
        const tile = `${Math.floor((from.x - 0.5) / 200)} ${Math.floor((from.y - 0.5) / 200)}`
        const shift = `${((to.x - from.x) * 20).toFixed(6)} ${((to.y - from.y) * 20).toFixed(6)}`
        shifts.set(tile, (shifts.get(tile) ?? new Set()).add(shift))
      }
      expect([...shifts.values()].every((own) => own.size === 1)).toBe(true)
      expect(new Set([...shifts.values()].flatMap((own) => [...own])).size).toBe(shifts.size)
      expect(shifts.size).toBeGreaterThanOrEqual(6)

      const text = (await readFile(tiled.truth)).toString('latin1')
      const edges = [...text.matchAll(/TILE([XY]\d) *= +([\d.]+)/g)].map(([, name, value]) => [
        name,
        Number(value),
      ])
      expect(edges).toEqual([
        ['X1', 200.5],
        ['X2', 400.5],
        ['Y1', 200.5],
      ])
    })
  })
})
