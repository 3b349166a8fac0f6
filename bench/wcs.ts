// npm run bench -- wcs [--width PX] [--result FILE]
//   Which orders of SIP and TPV follow plates of 5 to 80°, by how much they depart, and what astropy makes of the files. The
//   scan is as wide as the largest plate scanner's.
//   Flat plates are the simulator's, by src/simulate/geometry.ts; a plate on which the distance from the centre grows with
//   the angle (the curved plates of Schmidt cameras, and fisheyes) is made here.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { DEG } from '../src/math/sphere.ts'
import { fromStandard } from '../src/math/tangent.ts'
import { chebyshevAt, chebyshevSum, productsUpTo } from '../src/models/plane-polynomial.ts'
import { type PlateMapping, type Sip, sipOf, type Tpv, tpvOf } from '../src/models/wcs-polynomials.ts'
import { linearCd, type PlateConstants, plateMapping } from '../src/simulate/geometry.ts'
import { writeWcsFiles } from '../src/stages/publish/wcs-files.ts'
import { provenance } from './acceptance/table.ts'

const { values } = parseArgs({
  options: { width: { type: 'string', default: '28644' }, result: { type: 'string' } },
})
const WIDTH = Number(values.width)
const PIXEL_UM = 20
const FIELDS_DEG = [5, 20, 40, 60, 80]
const CENTRE = { raDeg: 83, decDeg: -5 }
const JUDGED = 61 // points per axis that astropy is asked for, from edge to edge

interface Camera {
  name: string
  /** Pixels to standard coordinates, on a square scan of a field of this width. */
  mapping: (fieldDeg: number) => PlateMapping
}

const CAMERAS: Camera[] = [
  { name: 'flat plate', mapping: (field) => flatPlate(field, {}) },
  {
    name: 'flat plate, tilted by 1°',
    mapping: (field) => flatPlate(field, { tiltArcmin: 60, tiltAngleDeg: 30 }),
  },
  {
    name: 'flat plate, cubic distortion of 1 % at the edge',
    mapping: (field) => flatPlate(field, distorted(0.01)),
  },
  {
    name: 'both, turned by 30°',
    mapping: (field) =>
      flatPlate(field, { ...distorted(0.01), tiltArcmin: 60, tiltAngleDeg: 30, rotationDeg: 30 }),
  },
  { name: 'distance ∝ angle', mapping: equidistant },
]

const EDGE_MM = (WIDTH * PIXEL_UM) / 2000
const distorted = (share: number) => ({ distortionUm: share * 1000 * EDGE_MM })

/** The simulator's truth, which leads from the sky to pixels, the other way round. */
function flatPlate(fieldDeg: number, change: Partial<PlateConstants>): PlateMapping {
  const constants: PlateConstants = {
    ...{ ...CENTRE, centrePx: [(WIDTH + 1) / 2, (WIDTH + 1) / 2], pixelUm: PIXEL_UM, edgeMm: EDGE_MM },
    scaleArcsecPerPx: (2 * Math.tan((fieldDeg * DEG) / 2) * 3600) / DEG / WIDTH,
    ...{ rotationDeg: 0, mirror: false, tiltArcmin: 0, tiltAngleDeg: 0, distortionUm: 0, magEquationUm: 0 },
    ...{ comaUm: 0, colourUm: 0, colourScaleUm: 0, pivotMag: 0, wobbleUm: 0, wobblePeriodMm: 1 },
    ...{ warpUm: 0, warpScaleMm: 1, tileStepUm: 0, tileMm: 1, seed: 1 },
    ...change,
  }
  const toPixel = plateMapping(constants)
  const [ra0, dec0] = [CENTRE.raDeg * DEG, CENTRE.decDeg * DEG]
  const [cd11, cd12, cd21, cd22] = linearCd(constants).map((value) => value * DEG) as [
    number,
    number,
    number,
    number,
  ]
  const standardAt = (x: number, y: number) => {
    let [xi, eta] = [0, 0]
    for (let step = 0; step < 100; step++) {
      const { raRad, decRad } = fromStandard(xi, eta, ra0, dec0)
      const there = toPixel(raRad / DEG, decRad / DEG, 0, 0.8)!
      const [dx, dy] = [x - there.x, y - there.y]
      if (Math.hypot(dx, dy) < 1e-9) return { xi, eta }
      xi += cd11 * dx + cd12 * dy
      eta += cd21 * dx + cd22 * dy
    }
    throw new Error(`no place on the sky for ${x}, ${y}`)
  }
  return { ra0, dec0, standardAt }
}

function equidistant(fieldDeg: number): PlateMapping {
  const radPerPx = (fieldDeg * DEG) / WIDTH
  const middle = (WIDTH + 1) / 2
  return {
    ...{ ra0: CENTRE.raDeg * DEG, dec0: CENTRE.decDeg * DEG },
    standardAt: (x, y) => {
      const angle = Math.hypot(x - middle, y - middle) * radPerPx
      const stretch = angle === 0 ? radPerPx : (radPerPx * Math.tan(angle)) / angle
      return { xi: -(x - middle) * stretch, eta: (y - middle) * stretch }
    },
  }
}

/** What is left of a plate by the best polynomial of degree 5, which is the highest that is fitted to stars, px. */
function leftByQuintic(mapping: PlateMapping): number {
  const half = WIDTH / 2
  const middle = (WIDTH + 1) / 2
  const map = (x: number, y: number) => {
    const { xi, eta } = mapping.standardAt(x, y)
    return [xi, eta] as const
  }
  const sum = chebyshevSum(map, { x0: middle, y0: middle, halfX: half, halfY: half }, 5, 48)
  const slope = map(middle + 0.5, middle)[0] - map(middle - 0.5, middle)[0]
  const along = map(middle, middle + 0.5)[0] - map(middle, middle - 0.5)[0]
  const radPerPx = Math.hypot(slope, along)
  const basis = Array.from({ length: JUDGED }, (_, k) => chebyshevAt((2 * k) / (JUDGED - 1) - 1, 5))
  let most = 0
  for (let a = 0; a < JUDGED; a++) {
    for (let b = 0; b < JUDGED; b++) {
      const truth = map(middle + basis[a]![1]! * half, middle + basis[b]![1]! * half)
      let [xi, eta] = [-truth[0], -truth[1]]
      productsUpTo(5).forEach(([i, j], k) => {
        xi += sum.first[k]! * basis[a]![i]! * basis[b]![j]!
        eta += sum.second[k]! * basis[a]![i]! * basis[b]![j]!
      })
      most = Math.max(most, Math.hypot(xi, eta) / radPerPx)
    }
  }
  return most
}

interface Row {
  camera: string
  fieldDeg: number
  sip: Sip
  tpv: Tpv
}

const folder = mkdtempSync(join(tmpdir(), 'platepipe-bench-wcs-'))
try {
  const text = await report()
  console.log(text)
  if (values.result !== undefined) writeFileSync(values.result, `${text}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function report(): Promise<string> {
  const cases = CAMERAS.flatMap(({ name, mapping }) =>
    FIELDS_DEG.map((fieldDeg) => ({ camera: name, fieldDeg, mapping: mapping(fieldDeg) })),
  )
  const rows: Row[] = []
  for (const [n, { camera, fieldDeg, mapping }] of cases.entries()) {
    const [sip, tpv] = [sipOf(mapping, WIDTH, WIDTH), tpvOf(mapping, WIDTH, WIDTH)]
    rows.push({ camera, fieldDeg, sip, tpv })
    const about = { width: WIDTH, height: WIDTH, epochYr: 1950, plateId: camera }
    await writeWcsFiles({ outDir: folder, suffix: `-${n}`, sip, tpv, ...about })
  }
  const judgedBy = (file: string) =>
    judged(cases.map(({ mapping }, n) => ({ mapping, path: file.replace('#', `-${n}`) })))
  const [bySip, byTpv] = [judgedBy('wcs#.fits'), judgedBy('scamp#.head')]
  const lines = rows.map(({ camera, fieldDeg, sip, tpv }, n) => {
    const cells = [
      ...[camera, `${fieldDeg}°`, `${sip.order}: ${px(sip.departurePx)}`, px(bySip[n]![0])],
      ...[`${sip.inverseOrder}: ${px(sip.inverseDeparturePx)}`, px(bySip[n]![1])],
      ...[`${tpv.degree}: ${px(tpv.departurePx)}`, px(byTpv[n]![0]), px(leftByQuintic(cases[n]!.mapping))],
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [
    '# How far the WCS files depart from plates of wide fields\n',
    provenance(['npm run bench -- wcs', ...process.argv.slice(2)].join(' ')),
    `- plates: square scans of ${WIDTH} px about ${CENTRE.raDeg}° ${CENTRE.decDeg}°, the field from edge to edge; departures in px grow with the number of px\n`,
    'Order or degree that was chosen: largest departure that is published, px; then the largest that astropy finds in the file',
    `on a grid of ${JUDGED} × ${JUDGED}. Limits: orders 2 to 9, degrees 3 to 7. Last, what the best polynomial of degree 5, the highest that is`,
    'fitted to stars, leaves.\n',
    '| plate | field | SIP | astropy | inverse SIP | astropy | TPV | astropy | plate constants of degree 5 |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}

function px(value: number): string {
  return value < 1e-6 ? '< 1e-6' : value.toPrecision(2)
}

function judged(cases: { mapping: PlateMapping; path: string }[]): [forward: number, inverse: number][] {
  const along = Array.from({ length: JUDGED }, (_, k) => 0.5 + (k / (JUDGED - 1)) * WIDTH)
  const pixels = along.flatMap((y) => along.map((x): [number, number] => [x, y]))
  const given = cases.map(({ mapping, path }) => ({
    path: join(folder, path),
    pixels,
    sky: pixels.map(([x, y]) => {
      const { xi, eta } = mapping.standardAt(x, y)
      const { raRad, decRad } = fromStandard(xi, eta, mapping.ra0, mapping.dec0)
      return [raRad / DEG, decRad / DEG]
    }),
  }))
  const input = JSON.stringify(given)
  const answer = execFileSync('/usr/bin/python3', ['bench/judges/wcs_departure.py'], {
    input,
    encoding: 'utf8',
  })
  return JSON.parse(answer)
}
