// The star catalogues of Stellarium 0.2x (Debian: stellarium-data), read as an independent source of proper motions:
// Hipparcos and Tycho-2 to V = 10.5 over the whole sky. The format is that of Stellarium's User Guide, appendix "Star
// Catalogues": the sky is an icosahedron whose triangles are halved `level` times; a star is two steps along the axes of
// its triangle, and its motion is in 0.1 mas/yr along the same axes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEG, placeOf, type Vector } from '../../src/math/sphere.ts'

export interface MovingStars {
  length: number
  /** Unit vectors, three numbers a star. */
  unit: Float64Array
  /** ICRS at J2000.0, degrees. */
  raDeg: Float64Array
  decDeg: Float64Array
  /** mas/yr; that in right ascension includes cos δ. */
  pmRaMasYr: Float64Array
  pmDecMasYr: Float64Array
  /** V of Hipparcos, VT turned to V of Tycho-2. */
  vMag: Float64Array
}

const FILES = ['stars_0_0v0_8.cat', 'stars_1_0v0_8.cat', 'stars_2_0v0_8.cat', 'stars_3_1v0_4.cat']
const MAGIC = 0x835f040a

/** The stars of all four files, in the order of the files. */
export function readStellarium(folder: string): MovingStars {
  const stars: number[][] = []
  for (const name of FILES) readFile(readFileSync(join(folder, name)), name, (star) => stars.push(star))
  const column = (k: number) => Float64Array.from(stars, (star) => star[k]!)
  return {
    length: stars.length,
    unit: Float64Array.from(stars.flatMap((star) => star.slice(5))),
    raDeg: column(0),
    decDeg: column(1),
    pmRaMasYr: column(2),
    pmDecMasYr: column(3),
    vMag: column(4),
  }
}

/** Header of eight 32-bit integers, then the number of stars of each triangle, then the stars; all little-endian. */
function readFile(file: Buffer, name: string, found: (star: number[]) => void): void {
  const header = Array.from({ length: 8 }, (_, i) => file.readInt32LE(4 * i))
  const [magic, type, , , level, brightest, range, steps] = header as [
    ...[number, number, number, number],
    ...[number, number, number, number],
  ]
  if (magic >>> 0 !== MAGIC) throw new Error(`${name} is no star catalogue of Stellarium`)
  const { zones, scale } = triangles(level)
  const long = type === 0 // stars of Hipparcos: 28 bytes, the others 10
  const step = scale / (long ? 2 ** 31 - 1 : 2 ** 19 - 1)
  let at = 32 + 4 * zones.length
  zones.forEach(({ centre, axis0, axis1 }, zone) => {
    const count = file.readUInt32LE(32 + 4 * zone)
    for (let i = 0; i < count; i++) {
      const { x0, x1, dx0, dx1, mag } = long ? longStar(file, at) : shortStar(file, at)
      at += long ? 28 : 10
      const place = sum(centre, axis0, step * x0, axis1, step * x1)
      const size = Math.hypot(...place)
      const u = scaled(place, 1 / size)
      const { ra, dec } = placeOf(u)
      const velocity = sum([0, 0, 0], axis0, (0.1 * dx0) / size, axis1, (0.1 * dx1) / size)
      const [sin, cos] = [Math.sin(ra), Math.cos(ra)]
      const pmRa = dot(velocity, [-sin, cos, 0])
      const pmDec = dot(velocity, [-Math.sin(dec) * cos, -Math.sin(dec) * sin, Math.cos(dec)])
      found([ra / DEG, dec / DEG, pmRa, pmDec, (brightest + (mag * range) / steps) / 1000, ...u])
    }
  })
}

function longStar(file: Buffer, at: number) {
  const [x0, x1] = [file.readInt32LE(at + 4), file.readInt32LE(at + 8)]
  return { x0, x1, mag: file[at + 13]!, dx0: file.readInt32LE(at + 16), dx1: file.readInt32LE(at + 20) }
}

/** Fields of 20, 20, 14, 14, 7 and 5 bits, lowest first: x₀, x₁, their motions, colour, magnitude. */
function shortStar(file: Buffer, at: number) {
  const low = file.readBigUInt64LE(at)
  const high = BigInt(file.readUInt16LE(at + 8))
  const field = (from: number, bits: number) =>
    Number(BigInt.asIntN(bits, (low | (high << 64n)) >> BigInt(from)))
  return {
    x0: field(0, 20),
    x1: field(20, 20),
    dx0: field(40, 14),
    dx1: field(54, 14),
    mag: Number(high >> 11n),
  }
}

interface Zone {
  centre: Vector
  axis0: Vector
  axis1: Vector
}

const LONG = Math.sqrt((5 + Math.sqrt(5)) / 10)
const SHORT = Math.sqrt((5 - Math.sqrt(5)) / 10)
const CORNERS: Vector[] = [
  ...[
    [LONG, -SHORT, 0],
    [LONG, SHORT, 0],
    [-LONG, SHORT, 0],
    [-LONG, -SHORT, 0],
  ],
  ...[
    [0, LONG, -SHORT],
    [0, LONG, SHORT],
    [0, -LONG, SHORT],
    [0, -LONG, -SHORT],
  ],
  ...[
    [-SHORT, 0, LONG],
    [SHORT, 0, LONG],
    [SHORT, 0, -LONG],
    [-SHORT, 0, -LONG],
  ],
] as unknown as Vector[]
/** Corners of the twenty triangles, in the order of the files. */
const FACES =
  '1 0 10,0 1 9,0 9 6,9 8 6,0 7 10,6 7 0,7 6 3,6 8 3,11 10 7,7 3 11,3 2 11,2 3 8,10 11 4,2 4 11,5 4 2,2 8 5,4 1 10,4 5 1,5 9 1,8 9 5'

/** The triangles of a level, and the largest step along an axis that any of them needs. */
function triangles(level: number): { zones: Zone[]; scale: number } {
  let faces = FACES.split(',').map((face) => face.split(' ').map((corner) => CORNERS[Number(corner)]!))
  for (let i = 0; i < level; i++) {
    faces = faces.flatMap(([a, b, c]) => {
      const [bc, ca, ab] = [normal(sum(b!, c!, 1)), normal(sum(c!, a!, 1)), normal(sum(a!, b!, 1))]
      return [
        [a!, ab, ca],
        [ab, b!, bc],
        [ca, bc, c!],
        [bc, ca, ab],
      ]
    })
  }
  let scale = 0
  const zones = faces.map((corners) => {
    const centre = normal(sum(sum(corners[0]!, corners[1]!, 1), corners[2]!, 1))
    const axis0 = normal([-centre[1], centre[0], 0])
    const axis1: Vector = [
      -centre[2] * axis0[1],
      centre[2] * axis0[0],
      centre[0] * axis0[1] - centre[1] * axis0[0],
    ]
    for (const corner of corners) {
      const [a, b] = [dot(corner, axis0), dot(corner, axis1)]
      scale = Math.max(scale, Math.max(Math.abs(a), Math.abs(b)) / Math.sqrt(1 - a * a - b * b))
    }
    return { centre, axis0, axis1 }
  })
  return { zones, scale }
}

const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const scaled = (v: Vector, by: number): Vector => [v[0] * by, v[1] * by, v[2] * by]
const normal = (v: Vector) => scaled(v, 1 / Math.hypot(...v))
const sum = (a: Vector, b: Vector, byB: number, c: Vector = [0, 0, 0], byC = 0): Vector => [
  a[0] + b[0] * byB + c[0] * byC,
  a[1] + b[1] * byB + c[1] * byC,
  a[2] + b[2] * byB + c[2] * byC,
]
