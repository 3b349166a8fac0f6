// The map of the sky: its projections against wcslib's, its outlines against the squares that they enclose, its text as XML.
import { describe, expect, it } from 'vitest'
import { mocOfCone } from '../../src/catalog/store/coverage.ts'
import { cellCount } from '../../src/math/healpix.ts'
import { mocOfCells, skyShare, union, WHOLE_SKY } from '../../src/math/moc.ts'
import { DEG, separationDeg } from '../../src/math/sphere.ts'
import { skyBlocks } from '../../src/report/sky-blocks.ts'
import { gridOf, outlines } from '../../src/report/sky-grid.ts'
import { largestField } from '../../src/report/sky-inset.ts'
import { type SkyPart, skyLayers } from '../../src/report/sky-layers.ts'
import { skyMap } from '../../src/report/sky-map.ts'
import { galacticPlane, gnomonic, HAMMER, type Place, type Point } from '../../src/report/sky-projection.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { python } from '../math/python.ts'

const cone = (raDeg: number, decDeg: number, radiusDeg: number) => mocOfCone({ raDeg, decDeg, radiusDeg })
const part = (limitMag: number | null, moc: SkyPart['moc'], estimated = false): SkyPart => ({
  limitMag,
  estimated,
  moc,
})

const CASES: [name: string, parts: SkyPart[]][] = [
  ['nothing', []],
  ['the whole sky', [part(null, WHOLE_SKY)]],
  ['one small field', [part(17, cone(132.8, 11.8, 0.3))]],
  ['the poles', [part(17, cone(0, 90, 1)), part(15, cone(0, -90, 1), true)]],
  ['a field at 0h', [part(12, cone(0, 0, 4))]],
  [
    'seven depths',
    [10, 11, 12, 13, 14, 15, 16].map((limit, n) => part(limit, cone(50 * n, 10, 12), n % 2 === 0)),
  ],
  [
    'every other cell of order 6',
    [part(20, mocOfCells(Array.from({ length: cellCount(6) / 2 }, (_, n) => ({ order: 6, pixel: 2 * n }))))],
  ],
]

describe('the projections', () => {
  const random = randomStream(1, 'sky map')
  const places = Array.from(
    { length: 500 },
    (): Place => [random.between(0, 360), Math.asin(random.between(-1, 1)) / DEG],
  )
  const judged = (type: string, centre: Place, list: readonly Place[]) =>
    python<[number, number][]>(
      `from astropy.wcs import WCS
w = WCS(naxis=2)
w.wcs.ctype = ['RA---' + given['type'], 'DEC--' + given['type']]
w.wcs.crval, w.wcs.crpix, w.wcs.cdelt = given['centre'], [0, 0], [-1, 1]
if given['type'] == 'TAN': w.wcs.lonpole = 180 # north up at the pole, too
answer(w.wcs_world2pix(np.array(given['list']), 0) + 1)`,
      { type, centre, list },
    )

  it('of the whole sky is wcslib’s AIT, halved, and equal in area', () => {
    const unit = Math.SQRT2 / DEG
    judged('AIT', [180, 0], places).forEach(([x, y], n) => {
      const own = HAMMER.toPoint(places[n]!)!
      expect(own[0]).toBeCloseTo(x / unit, 9)
      expect(own[1]).toBeCloseTo(y / unit, 9)
    })
    const frame = { halfWidth: 2, halfHeight: 1, columns: 720, rows: 360 }
    const moc = cone(100, 60, 30)
    const { layer } = gridOf([moc], HAMMER, frame)
    const share = layer.filter(Boolean).length / ((Math.PI / 4) * frame.columns * frame.rows)
    expect(share / skyShare(moc)).toBeCloseTo(1, 2)
  })

  it('of a field is wcslib’s TAN, at a pole too', () => {
    for (const centre of [
      [132.8, 11.8],
      [10, -60],
      [0, 90],
    ] as Place[]) {
      const near = places.filter(([ra, dec]) => separationDeg(ra, dec, ...centre) < 60)
      expect(near.length).toBeGreaterThan(20)
      judged('TAN', centre, near).forEach(([x, y], n) => {
        const own = gnomonic(centre).toPoint(near[n]!)!
        expect(own[0]).toBeCloseTo(x * DEG, 9)
        expect(own[1]).toBeCloseTo(y * DEG, 9)
      })
    }
    expect(gnomonic([0, 0]).toPoint([180, 0])).toBeUndefined()
  })

  it('come back to the same place', () => {
    for (const place of [...places, [0, 0], [180, 90], [180, -90], [359.9, 0]] as Place[]) {
      const back = HAMMER.toPlace(HAMMER.toPoint(place)!)!
      expect(separationDeg(...back, ...place)).toBeLessThan(1e-5)
      const tangent = gnomonic(place)
      const point: Point = [0.1, -0.2]
      tangent.toPoint(tangent.toPlace(point)!)!.forEach((x, k) => {
        expect(x).toBeCloseTo(point[k]!, 9)
      })
    }
    expect(HAMMER.toPlace([1.9, 0.9])).toBeUndefined()
  })

  it('show the plane of the Galaxy where astropy has it', () => {
    const latitudes = python<number[]>(
      `from astropy.coordinates import SkyCoord
answer(SkyCoord(np.array(given), unit='deg').galactic.b.deg)`,
      galacticPlane(),
    )
    expect(Math.max(...latitudes.map(Math.abs))).toBeLessThan(1e-4)
  })
})

/** Twice the area within an SVG path of M, h, v and z, counted as it runs. */
function enclosed(path: string): { area: number; closed: boolean } {
  let [area, closed] = [0, true]
  for (const loop of path.split('M').slice(1)) {
    const [, x0, y0, rest] = /^(\d+) (\d+)([^z]*)z$/.exec(loop)!
    let [x, y] = [Number(x0), Number(y0)]
    const add = (toX: number, toY: number) => {
      area += x * toY - toX * y
      ;[x, y] = [toX, toY]
    }
    for (const [, axis, by] of rest!.matchAll(/([hv])(-?\d+)/g))
      add(x + (axis === 'h' ? Number(by) : 0), y + (axis === 'v' ? Number(by) : 0))
    closed &&= x === Number(x0) || y === Number(y0)
    add(Number(x0), Number(y0))
  }
  return { area: area / 2, closed }
}

describe('outlines', () => {
  it('enclose as many squares as there are, whatever holes and corners they have', () => {
    const random = randomStream(2, 'outlines')
    for (let round = 0; round < 200; round++) {
      const [columns, rows] = [1 + random.whole(9), 1 + random.whole(9)]
      const layer = Uint8Array.from({ length: columns * rows }, () => random.whole(3))
      for (const wanted of [0, 1]) {
        const { area, closed } = enclosed(outlines({ columns, rows, layer }, wanted))
        expect(area).toBe(layer.filter((value) => value === wanted + 1).length)
        expect(closed).toBe(true)
      }
    }
  })

  it('of nothing are nothing', () => {
    expect(outlines({ columns: 3, rows: 2, layer: new Uint8Array(6) }, 0)).toBe('')
  })
})

describe('the layers', () => {
  it('are few, go from bright to deep, and keep every part', () => {
    const { steps, layers } = skyLayers(CASES[5]![1], 5)
    expect(steps).toBe(5)
    expect(layers.map(({ step }) => step)).toEqual(layers.map(({ step }) => step).sort())
    const area = layers.reduce((sum, { areaDeg2 }) => sum + areaDeg2, 0)
    expect(area / 41252.96).toBeCloseTo(
      CASES[5]![1].reduce((sum, { moc }) => sum + skyShare(moc), 0),
      6,
    )
  })
})

describe.each(CASES)('the map of %s', (name, parts) => {
  const svg = skyMap(parts, { title: 'A <store> & its "stars"' })

  it('is XML with a title and a description, and small', () => {
    const tags = python<Record<string, string>>(
      `import xml.etree.ElementTree as ET
root = ET.fromstring(given)
answer({e.tag.split('}')[1]: e.text for e in root if e.tag.endswith(('title', 'desc'))})`,
      svg,
    )
    expect(tags.title).toBe('A <store> & its "stars"')
    expect(tags.desc).toMatch(name === 'nothing' ? /^Nothing is covered/ : /Covered: [\d\u202f.]+ deg²/)
    expect(svg.length).toBeLessThan(200_000)
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
  })

  it('shows in the terminal what it shows in the figure', () => {
    for (const unicode of [true, false]) {
      const lines = skyBlocks(parts, unicode)
      expect(Math.max(...lines.map((text) => text.length))).toBeLessThanOrEqual(80)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
      if (!unicode) expect(lines.join('')).toMatch(/^[\x00-\x7f]*$/)
      const covered = /[░▒▓█#=]/.test(lines.slice(0, 18).join(''))
      expect(covered).toBe(parts.length > 0)
    }
  })
})

describe('the enlarged field', () => {
  it('is the largest of those that lie apart, with all of it in view', () => {
    const field = largestField([union(cone(10, 20, 1), cone(200, -50, 3)), cone(202, -50, 2)])!
    expect(field.of).toBe(2)
    expect(separationDeg(...field.centre, 200, -50)).toBeLessThan(1)
    expect(field.radiusDeg).toBeGreaterThan(2.9)
    expect(field.radiusDeg).toBeLessThan(4)
  })

  it('is one across 0h and round a pole', () => {
    expect(largestField([cone(0, 5, 2)])).toMatchObject({ of: 1 })
    const pole = largestField([cone(0, 90, 2)])!
    expect(pole.of).toBe(1)
    expect(pole.centre[1]).toBeGreaterThan(89.9)
  })

  it('is none where that is large, or nothing is', () => {
    expect(largestField([cone(0, 5, 50)])).toBeUndefined()
    expect(largestField([])).toBeUndefined()
  })

  it('is drawn only where little of the sky is covered', () => {
    expect(skyMap([part(17, cone(132.8, 11.8, 1))], { title: '' })).toContain('08h51m +11°48′')
    expect(skyMap([part(17, cone(132.8, 11.8, 20))], { title: '' })).not.toContain('11°48′')
  })
})
