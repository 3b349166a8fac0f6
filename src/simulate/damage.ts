// What befell the plate: how many marks of each kind a level of damage means, and where and how large each one is.
import { type Mark, rectangleMark, type SpotSpec, type StrokePoint, spotMark, strokeMark } from './marks.ts'
import { type Random, randomStream } from './random.ts'
import { handwriting } from './writing.ts'

export const DAMAGE_KINDS = [
  'dust',
  'hairs',
  'scratches',
  'pinholes',
  'mould',
  'stains',
  'writing',
  'labels',
] as const
export type DamageCounts = Record<(typeof DAMAGE_KINDS)[number], number>

interface Ground {
  width: number
  height: number
  /** Star images set the size of what can be taken for one. */
  fwhmPx: number
}

const REFERENCE_AREA_PX = 2000 * 2000 // the counts below are for a scan of this size

/** The counts of a level from 0 to 8; specks grow with the square of the level and with the area of the scan. */
export function damageCounts(level: number, area: { width: number; height: number }): DamageCounts {
  const ratio = (area.width * area.height) / REFERENCE_AREA_PX
  const scattered = (perLevel: number, power: number) =>
    Math.round(perLevel * level ** power * Math.max(0.1, ratio))
  return {
    dust: scattered(18, 1.7),
    hairs: level === 0 ? 0 : Math.max(1, scattered(1.2, 1.3)),
    scratches: level < 2 ? 0 : Math.max(1, Math.round(0.8 * level * Math.sqrt(ratio))),
    pinholes: scattered(10, 1.7),
    mould: level < 3 ? 0 : Math.round((level - 1) / 2),
    stains: level < 2 ? 0 : Math.round(level / 2),
    writing: level < 2 ? 0 : Math.round(level / 2),
    labels: level < 5 ? 0 : 1,
  }
}

function bumps(random: Random, roughness: number): SpotSpec['bumps'] {
  return [1, 0.8, 0.5, 0.4].map((share) => ({
    amplitude: roughness * share * random.next(),
    phase: random.between(0, 2 * Math.PI),
  }))
}

/** Specks of dust: most smaller than a star image, a few several times larger; a power law of radii. */
function dust(random: Random, ground: Ground): Mark {
  const radiusPx = ground.fwhmPx * Math.min(5, 0.25 * random.next() ** -0.6)
  return spotMark({
    kind: 'dust',
    layer: 'opaque',
    strength: random.between(0.5, 2),
    x: random.between(0, ground.width),
    y: random.between(0, ground.height),
    radiusPx: Math.max(0.6, radiusPx),
    axisRatio: random.between(0.35, 1),
    angle: random.between(0, Math.PI),
    bumps: bumps(random, 0.3),
    softnessPx: random.between(1, 2.5), // dust lies above the emulsion, a little out of the scanner's focus
  })
}

/** Pinholes: round, clear, with an edge sharper than any star's. */
function pinhole(random: Random, ground: Ground): Mark {
  return spotMark({
    kind: 'pinhole',
    layer: 'clear',
    strength: random.between(0.7, 1),
    x: random.between(0, ground.width),
    y: random.between(0, ground.height),
    radiusPx: Math.max(0.5, ground.fwhmPx * 0.12 * random.next() ** -0.4),
    axisRatio: random.between(0.7, 1),
    angle: random.between(0, Math.PI),
    bumps: bumps(random, 0.1),
    softnessPx: 1,
  })
}

/** A hair: a line whose direction wanders, curled more or less. */
function hair(random: Random, ground: Ground): Mark {
  const length = ground.fwhmPx * random.between(12, 90)
  const step = Math.max(1.5, length / 60)
  const width = Math.max(1, ground.fwhmPx * random.between(0.2, 0.5))
  const curl = random.between(0.02, 0.22)
  let direction = random.between(0, 2 * Math.PI)
  let turning = 0
  let [x, y] = [random.between(0, ground.width), random.between(0, ground.height)]
  const points: StrokePoint[] = []
  for (let along = 0; along < length; along += step) {
    points.push({ x, y, width: width * (0.85 + 0.3 * random.next()), tone: random.between(0.8, 1) })
    turning = 0.8 * turning + curl * random.gauss() // neighbouring bends are alike
    direction += turning
    x += step * Math.cos(direction)
    y += step * Math.sin(direction)
  }
  return strokeMark({ kind: 'hair', layer: 'opaque', strength: random.between(0.5, 1.6) }, points)
}

/** A scratch: long, nearly straight, of uneven depth, here and there interrupted. */
function scratch(random: Random, ground: Ground): Mark {
  const length = Math.max(ground.width, ground.height) * random.between(0.08, 0.9)
  const angle = random.between(0, Math.PI)
  const bow = length * 0.01 * random.gauss()
  const width = Math.max(0.6, ground.fwhmPx * random.between(0.1, 0.4))
  const [x0, y0] = [random.between(0, ground.width), random.between(0, ground.height)]
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  const count = 40
  const points = Array.from({ length: count + 1 }, (_, i): StrokePoint => {
    const t = i / count - 0.5
    const aside = bow * (1 - 4 * t * t)
    const taper = Math.min(1, 8 * (0.5 - Math.abs(t)) + 0.2)
    const tone = random.next() < 0.12 ? 0 : random.between(0.6, 1)
    return {
      x: x0 + t * length * c - aside * s,
      y: y0 + t * length * s + aside * c,
      width: width * taper,
      tone,
    }
  })
  return strokeMark({ kind: 'scratch', layer: 'clear', strength: random.between(0.6, 1) }, points)
}

/** A patch of mould: colonies that thin out from a middle, each a dark speck, one in five of them eaten clear. */
function mouldPatch(random: Random, ground: Ground): Mark[] {
  const extent = Math.min(ground.width, ground.height) * random.between(0.06, 0.18)
  const [x0, y0] = [random.between(0, ground.width), random.between(0, ground.height)]
  const [ratio, angle] = [random.between(0.4, 1), random.between(0, Math.PI)]
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  const count = Math.round(random.between(300, 1500))
  return Array.from({ length: count }, () => {
    const [u, v] = [random.gauss() * extent * 0.5, random.gauss() * extent * 0.5 * ratio]
    const eaten = random.next() < 0.2
    return spotMark({
      kind: 'mould',
      layer: eaten ? 'clear' : 'opaque',
      strength: eaten ? random.between(0.3, 0.9) : random.between(0.1, 0.9),
      x: x0 + u * c - v * s,
      y: y0 + u * s + v * c,
      radiusPx: Math.max(0.5, ground.fwhmPx * 0.15 * random.next() ** -0.35),
      axisRatio: random.between(0.5, 1),
      angle: random.between(0, Math.PI),
      bumps: bumps(random, 0.4),
      softnessPx: random.between(1, 2),
    })
  })
}

/** A stain: a shallow area with soft borders, darker or bleached. */
function stain(random: Random, ground: Ground): Mark {
  const bleached = random.next() < 0.4
  const radiusPx = Math.min(ground.width, ground.height) * random.between(0.03, 0.12)
  return spotMark({
    kind: 'stain',
    layer: bleached ? 'clear' : 'opaque',
    strength: random.between(0.03, 0.12),
    x: random.between(0, ground.width),
    y: random.between(0, ground.height),
    radiusPx,
    axisRatio: random.between(0.4, 1),
    angle: random.between(0, Math.PI),
    bumps: bumps(random, 0.35),
    softnessPx: radiusPx * random.between(0.3, 1.6),
  })
}

const TEXTS = [
  'B 2312',
  'R 204',
  'NR 268',
  'A 1047',
  'h 3.15',
  '923',
  '40 m',
  'C 518',
  'D 77',
  'M 8.5',
  'P 1290',
  'D -4',
]

/** An inscription in ink, somewhere near an edge, or an arrow or a ring round a star by someone who looked for it. */
function inscription(random: Random, ground: Ground): Mark[] {
  const side = Math.min(ground.width, ground.height)
  const strength = random.between(0.5, 1.8)
  const penPx = Math.max(1.5, side * random.between(0.002, 0.004))
  if (random.next() < 0.35) {
    const [x, y, radius] = [
      random.between(0.1, 0.9) * ground.width,
      random.between(0.1, 0.9) * ground.height,
      side * random.between(0.015, 0.03),
    ]
    const points = Array.from({ length: 41 }, (_, i): StrokePoint => {
      const angle = (i / 40) * 2 * Math.PI * 1.04
      const r = radius * (1 + 0.06 * Math.sin(angle * 1.5) + 0.04 * Math.sin(2.3 * angle))
      return {
        x: x + r * Math.cos(angle),
        y: y + r * Math.sin(angle),
        width: penPx,
        tone: 0.9 + 0.1 * Math.cos(angle),
      }
    })
    return [strokeMark({ kind: 'writing', layer: 'opaque', strength }, points)]
  }
  const heightPx = side * random.between(0.02, 0.04)
  const nearTop = random.next() < 0.5
  const hand = {
    x: random.between(0.1, 0.75) * ground.width,
    y: nearTop ? ground.height - heightPx * random.between(1.5, 3) : heightPx * random.between(0.5, 2.5),
    heightPx,
    angle: 0.05 * random.gauss(),
    backwards: random.next() < 0.5,
    strength,
    penPx,
  }
  return handwriting(random.pick(TEXTS), hand, random)
}

function label(random: Random, ground: Ground): Mark {
  const side = Math.min(ground.width, ground.height)
  const [lengthPx, widthPx] = [side * random.between(0.08, 0.16), side * random.between(0.05, 0.08)]
  const nearRight = random.next() < 0.5
  return rectangleMark({
    kind: 'label',
    layer: 'opaque',
    strength: random.between(2.4, 3.2),
    raggedPx: 0.5,
    x: nearRight ? ground.width - lengthPx * random.between(0.6, 1.2) : lengthPx * random.between(0.6, 1.2),
    y:
      random.next() < 0.5
        ? widthPx * random.between(0.6, 1.5)
        : ground.height - widthPx * random.between(0.6, 1.5),
    lengthPx,
    widthPx,
    angle: 0.03 * random.gauss(),
  })
}

/** Every mark on the plate. Each kind has its own stream: more dust does not move the scratches. */
export function damageMarks(counts: DamageCounts, ground: Ground, seed: number): Mark[] {
  const makers: Record<keyof DamageCounts, (random: Random) => Mark | Mark[]> = {
    dust: (random) => dust(random, ground),
    hairs: (random) => hair(random, ground),
    scratches: (random) => scratch(random, ground),
    pinholes: (random) => pinhole(random, ground),
    mould: (random) => mouldPatch(random, ground),
    stains: (random) => stain(random, ground),
    writing: (random) => inscription(random, ground),
    labels: (random) => label(random, ground),
  }
  return DAMAGE_KINDS.flatMap((kind) => {
    const random = randomStream(seed, `damage ${kind}`)
    return Array.from({ length: counts[kind] }, () => makers[kind](random)).flat()
  })
}

/** The dark strip of the scanner's own holder along one side, and which places it covers; undefined when it has no width. */
export function holderMark(ground: Ground, widthPx: number, random: Random) {
  const side = random.whole(4)
  const angle = 0.003 * random.gauss()
  if (widthPx <= 0) return undefined
  const upright = side < 2 // left or right
  const far = side % 2 === 1
  const along = upright ? ground.height : ground.width
  const across = upright ? ground.width : ground.height
  const middle = far ? across - widthPx / 2 : widthPx / 2
  // Twice as wide as seen, half of it outside the scan, so that a turned strip leaves no gap.
  const outward = far ? widthPx / 2 : -widthPx / 2
  const mark = rectangleMark({
    kind: 'holder',
    layer: 'opaque',
    strength: 3.5,
    raggedPx: 0,
    x: upright ? middle + outward : along / 2,
    y: upright ? along / 2 : middle + outward,
    lengthPx: upright ? 2 * widthPx : along * 1.1,
    widthPx: upright ? along * 1.1 : 2 * widthPx,
    angle,
  })
  const lean = Math.abs(angle) * (along / 2) + 2
  const covers = (x: number, y: number) => {
    const place = upright ? x : y
    return far ? place > across - widthPx - lean : place < widthPx + lean
  }
  return { mark, covers }
}
