// The displacement of the emulsion: its spread and its correlation over many seeds are those of the formula, it is smooth,
// and the mapping adds it as it is.
import { describe, expect, it } from 'vitest'
import { type PlateConstants, plateMapping } from '../../src/simulate/geometry.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { simulate } from '../../src/simulate/simulate.ts'
import { emulsionWarp } from '../../src/simulate/warp.ts'
import { readTruth, SMALL, shiftsBetween, withFolder } from './plates.ts'

const RMS_UM = 4
const SCALE_MM = 15
const SEEDS = 3000

describe('the displacement of the emulsion', () => {
  it.each([0, 5, 15, 30, 60])(
    'is correlated over %d mm as exp(−d²/2L²), each axis for itself',
    (distance) => {
      const sums = { xx: 0, yy: 0, xy: 0 }
      for (let seed = 0; seed < SEEDS; seed++) {
        const warp = emulsionWarp(seed, RMS_UM, SCALE_MM)
        const turn = randomStream(seed, 'direction').between(0, 2 * Math.PI)
        const a = warp(-20, 11)
        const b = warp(-20 + distance * Math.cos(turn), 11 + distance * Math.sin(turn))
        sums.xx += a[0] * b[0]
        sums.yy += a[1] * b[1]
        sums.xy += a[0] * b[1]
      }
      const expected = RMS_UM ** 2 * Math.exp(-(distance ** 2) / (2 * SCALE_MM ** 2))
      const [xx, yy, xy] = [sums.xx / SEEDS, sums.yy / SEEDS, sums.xy / SEEDS]
      console.log(
        `${distance} mm: ${xx.toFixed(2)}, ${yy.toFixed(2)} for ${expected.toFixed(2)} um²; across ${xy.toFixed(2)}`,
      )
      // A mean of 3000 products of normal deviates of 4 µm has a standard error of 0.29 to 0.41 µm².
      for (const [found, wanted] of [
        [xx, expected],
        [yy, expected],
        [xy, 0],
      ] as const)
        expect(Math.abs(found - wanted)).toBeLessThan(1.6)
    },
  )

  it('has a gradient of rms/L: it is as smooth as its correlation says', () => {
    let squares = 0
    for (let seed = 0; seed < SEEDS; seed++) {
      const warp = emulsionWarp(seed, RMS_UM, SCALE_MM)
      squares += ((warp(30.001, -5)[0] - warp(29.999, -5)[0]) / 0.002) ** 2
    }
    const gradient = Math.sqrt(squares / SEEDS)
    console.log(`gradient ${gradient.toFixed(4)} um/mm for ${(RMS_UM / SCALE_MM).toFixed(4)}`)
    expect(gradient).toBeCloseTo(RMS_UM / SCALE_MM, 1)
    expect(Math.abs(gradient * (SCALE_MM / RMS_UM) - 1)).toBeLessThan(0.05)
  })

  it('moves places in the mapping by what it is there, turned into the scan', () => {
    const plain: PlateConstants = {
      ...{ raDeg: 130, decDeg: 19.6, centrePx: [1000.5, 900.5], scaleArcsecPerPx: 2.5, pixelUm: 20 },
      ...{ rotationDeg: 25, mirror: false, tiltArcmin: 0, tiltAngleDeg: 0, distortionUm: 0, edgeMm: 20 },
      ...{ magEquationUm: 0, comaUm: 0, colourUm: 0, colourScaleUm: 0, pivotMag: 12 },
      ...{ wobbleUm: 0, wobblePeriodMm: 9, warpUm: 0, warpScaleMm: 8, tileStepUm: 0, tileMm: 10, seed: 77 },
    }
    const [c, s] = [Math.cos((25 * Math.PI) / 180), Math.sin((25 * Math.PI) / 180)]
    const warp = emulsionWarp(77, 50, 8)
    for (const [ra, dec] of [
      [130, 19.6],
      [130.4, 19.9],
      [129.7, 19.2],
    ] as const) {
      const a = plateMapping(plain)(ra, dec, 12, 0.8)!
      const b = plateMapping({ ...plain, warpUm: 50 })(ra, dec, 12, 0.8)!
      const [u, v] = [(a.x - 1000.5) * 0.02, (a.y - 900.5) * 0.02]
      const [dx, dy] = warp(u * c + v * s, v * c - u * s)
      expect((b.x - a.x) * 20).toBeCloseTo(dx * c - dy * s, 6)
      expect((b.y - a.y) * 20).toBeCloseTo(dx * s + dy * c, 6)
      expect(Math.hypot(dx, dy)).toBeGreaterThan(1)
    }
  })

  it('is in the places of the truth', async () => {
    await withFolder(async (outDir) => {
      const options = { ...SMALL, width: 400 }
      const plain = await readTruth((await simulate({ ...options, name: 'plain' }, { outDir })).truth)
      const made = await simulate({ ...options, name: 'warped', warp: 40, warpScale: 3 }, { outDir })
      const warped = await readTruth(made.truth)
      const warp = emulsionWarp(SMALL.seed!, 40, 3)
      const shifts = shiftsBetween(plain, warped)
      expect(shifts.length).toBeGreaterThan(200)
      for (const { from, to } of shifts) {
        const [dx, dy] = warp((from.x - 200.5) * 0.02, (from.y - 200.5) * 0.02)
        expect((to.x - from.x) * 20).toBeCloseTo(dx, 5)
        expect((to.y - from.y) * 20).toBeCloseTo(dy, 5)
      }
    })
  })
})
