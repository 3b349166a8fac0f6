// Clusters and réseaux: as many stars as asked, within their radius; crosses all alike at their spacing, dark like stars.
import { describe, expect, it } from 'vitest'
import { readFitsTable } from '../../src/fits/table.ts'
import { simulate } from '../../src/simulate/simulate.ts'
import { plateOf, SMALL, withFolder } from './plates.ts'

const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!

describe('a cluster', () => {
  it('adds its stars to the plate and the reference, half of them within its radius', async () => {
    const options = { ...SMALL, width: 800, field: 0.6, limit: 14, density: 5, seed: 9 }
    const plain = await plateOf(options)
    const rich = await plateOf({ ...options, cluster: 200, clusterMm: 1 })
    const places = (plate: typeof plain) => {
      const [x, y, mag] = [plate.truth.number('x'), plate.truth.number('y'), plate.truth.number('mag')]
      return Array.from(x, (_, i) => ({ x: x[i]!, y: y[i]!, mag: mag[i]! })).filter((i) => i.mag < 14)
    }
    const field = new Set(places(plain).map((i) => `${i.x} ${i.y}`))
    const members = places(rich).filter((i) => !field.has(`${i.x} ${i.y}`))
    const [x0, y0] = [median(members.map((i) => i.x)), median(members.map((i) => i.y))]
    const radiusMm = 0.02 * median(members.map((i) => Math.hypot(i.x - x0, i.y - y0)))
    console.log(`${members.length} members, half of them within ${radiusMm.toFixed(2)} mm`)
    expect(members.length).toBeGreaterThan(170)
    expect(members.length).toBeLessThan(230)
    expect(radiusMm).toBeGreaterThan(0.8)
    expect(radiusMm).toBeLessThan(1.25)
    expect(rich.result.counts.reference - plain.result.counts.reference).toBeGreaterThan(400)
    expect(places(plain).length).toBe(places(rich).length - members.length)
  })
})

describe('a reseau', () => {
  const grid = {
    ...SMALL,
    polarity: 'positive' as const,
    rotation: 30,
    reseau: 2,
    skyGradient: 0,
    vignetting: 0,
  }
  const rowsOf = (options: typeof grid & { reseauLines?: boolean }) =>
    withFolder(async (outDir) => {
      const table = await readFitsTable((await simulate(options, { outDir })).artefacts)
      const column = (name: string) =>
        Array.from(table.columns.find((c) => c.name === name)!.data as ArrayLike<number | string>)
      return { kind: column('kind').map(String), x: column('x').map(Number), y: column('y').map(Number) }
    })

  it('has crosses at its spacing, all alike and darker than the sky', async () => {
    const { kind, x, y } = await rowsOf(grid)
    expect(new Set(kind.map((k) => k.trim()))).toEqual(new Set(['reseau']))
    const nearest = x.map((_, i) =>
      Math.min(...x.map((_, j) => (i === j ? Infinity : Math.hypot(x[i]! - x[j]!, y[i]! - y[j]!)))),
    )
    for (const distance of nearest) expect(distance).toBeCloseTo(100, 6) // 2 mm of 20 um pixels
    const [plain, plate] = [await plateOf({ ...grid, reseau: 0 }), await plateOf(grid)]
    const change = (i: number) => {
      const index = Math.round(y[i]! - 1) * plate.width + Math.round(x[i]! - 1)
      return plate.pixels[index]! - plain.pixels[index]!
    }
    const inside = x.flatMap((_, i) =>
      x[i]! > 1 && y[i]! > 1 && x[i]! < plate.width && y[i]! < plate.height ? [change(i)] : [],
    )
    console.log(`${inside.length} crosses; middle ${Math.round(median(inside))} brighter on the positive`)
    expect(inside.length).toBeGreaterThan(20)
    expect(median(inside)).toBeGreaterThan(8000)
    const off = plate.pixels.filter((v, i) => v !== plain.pixels[i]).length
    expect(off / plate.pixels.length).toBeLessThan(0.05) // nothing but the crosses has changed
    expect(plate.truth.number('x')).toEqual(plain.truth.number('x'))
  })

  it('has lines when asked, one row for each', async () => {
    const { kind } = await rowsOf({ ...grid, reseauLines: true })
    // A square of 10 mm turned by 30 degrees is 13.7 mm across: seven lines of 2 mm spacing either way, give or take one.
    expect(kind.length).toBeGreaterThanOrEqual(12)
    expect(kind.length).toBeLessThanOrEqual(15)
  })

  it('leaves no row when there is none', async () => {
    expect((await rowsOf({ ...grid, reseau: 0 })).kind.filter((k) => k !== '')).toEqual([])
  })
})
