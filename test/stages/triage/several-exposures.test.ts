import { describe, expect, it } from 'vitest'
import { severalExposures } from '../../../src/stages/triage/several-exposures.ts'
import type { TriageInput } from '../../../src/stages/triage.ts'
import { detectionsAt } from '../../models/true-plate.ts'
import {
  FWHM_PX,
  flaws,
  gridMarks,
  type Image,
  inCluster,
  placed,
  SIDE_PX,
  starImages,
  type TrueExposure,
} from './starfield.ts'

const ONE: TrueExposure[] = [{ dx: 0, dy: 0, magStep: 0 }]

function lookedAt(images: readonly Image[]) {
  const { x, y, mag } = placed(images)
  const detections = { ...detectionsAt(x, y), magInst: mag }
  return severalExposures({
    ...{ detections, reject: new Int32Array(images.length), width: SIDE_PX, height: SIDE_PX },
    ranked: Int32Array.from(images.keys()),
    ...{ fwhmPx: FWHM_PX, pixelUm: 20, logbook: { method: null, exposures: null } },
  } as unknown as TriageInput)
}

const codes = (found: ReturnType<typeof severalExposures>) => found.reasons.map(({ code }) => code)

/** The largest distance of a found exposure from a true one, whichever of these is called the first. */
function worstOffset(found: readonly { dx: number; dy: number }[], truth: readonly TrueExposure[]): number {
  return Math.min(
    ...truth.map((first) =>
      Math.max(
        ...found.map(({ dx, dy }) =>
          Math.min(...truth.map((e) => Math.hypot(e.dx - first.dx - dx, e.dy - first.dy - dy))),
        ),
      ),
    ),
  )
}

describe('plates with one exposure', () => {
  const cases: [name: string, images: Image[]][] = [
    ['20 stars among 900 flaws', [...starImages(1, 20, ONE), ...flaws(1, 300, 4)]],
    ['6000 stars', starImages(2, 6000, ONE)],
    [
      'a cluster in a thin field',
      [...starImages(3, 100, ONE), ...starImages(4, 800, ONE, inCluster(700, 900, 60))],
    ],
    [
      'two clusters',
      [
        ...starImages(5, 400, ONE, inCluster(400, 500, 50)),
        ...starImages(6, 400, ONE, inCluster(1000, 800, 50)),
      ],
    ],
    ['flaws alone', flaws(7, 500, 10)],
  ]
  it.each(cases)('%s: nothing repeats', (_, images) => {
    const found = lookedAt(images)
    expect(codes(found)).toEqual([])
    expect(found.pattern).toBeNull()
  })

  it('leaves the splinters of a réseau aside with its marks', () => {
    const marks = gridMarks(9, 157)
    // Of each mark one of two arms was detected on its own.
    const arms = marks.map((mark, k) => {
      const [dx, dy] = (k * k) % 3 === 0 ? [11, 0] : [0, -11]
      return { ...mark, x: mark.x + dx, y: mark.y + dy, mag: mark.mag + 2 }
    })
    expect(codes(lookedAt([...starImages(9, 100, ONE), ...marks, ...arms]))).toEqual(['RESEAU'])
  })

  it.each([137, 250])('leaves a réseau aside (spacing %d px)', (spacing) => {
    const found = lookedAt([...starImages(8, 300, ONE), ...gridMarks(8, spacing), ...flaws(8, 100, 1)])
    expect(codes(found)).toEqual(['RESEAU'])
    expect(found.reasons[0]!.evidence.spacing_px).toBeCloseTo(spacing, 0)
  })
})

const LINE = (n: number, dx: number, dy: number, step: number): TrueExposure[] =>
  Array.from({ length: n }, (_, k) => ({ dx: k * dx, dy: k * dy, magStep: k * step }))

describe('plates with several exposures', () => {
  const cases: [name: string, stars: number, truth: TrueExposure[]][] = [
    ['two alike', 300, LINE(2, 40, -25, 0)],
    [
      'six, three of them near one another and far from the others',
      60,
      [
        [0, 0],
        [30, 14],
        [-7, -59],
        [14, 4],
        [-150, -189],
        [7, 1],
      ].map(([dx, dy]) => ({ dx: dx!, dy: dy!, magStep: 0 })),
    ],
    ['two alike of 20 stars', 20, LINE(2, 40, -25, 0)],
    ['two, the second 2 mag fainter', 400, LINE(2, -18, 60, 2)],
    ['two, far apart', 200, LINE(2, 180, 160, 0.5)],
    ['two, two widths apart', 500, LINE(2, 7, 4, 0.3)],
    ['three in a row, alike', 200, LINE(3, 20, 30, 0)],
    ['three in a row, fainter and fainter', 400, LINE(3, -30, 8, 0.6)],
    ['six in a row, alike', 150, LINE(6, 0, 35, 0)],
    ['six in a row, 0.3 mag apart', 600, LINE(6, 22, 3, 0.3)],
    [
      'four in disorder, as they come',
      250,
      [
        { dx: 0, dy: 0, magStep: 0.7 },
        { dx: 31, dy: 18, magStep: 0 },
        { dx: -24, dy: 55, magStep: 1.1 },
        { dx: 70, dy: -44, magStep: 0.2 },
      ],
    ],
    // The mirror image of this pattern has the same offsets between its pairs: only stars with three images tell.
    ['three, not in a row', 300, [...LINE(2, 27, 22, 0.9), { dx: 53, dy: -10, magStep: 1.8 }]],
  ]
  it.each(cases)('%s', (_, stars, truth) => {
    const images = [...starImages(11, stars, truth), ...flaws(11, 200, 2)]
    const found = lookedAt(images)
    expect(codes(found)).toEqual(['MULTI_EXPOSURE'])
    const { exposures, member } = found.pattern!
    expect(exposures).toHaveLength(truth.length)
    expect(worstOffset(exposures, truth)).toBeLessThan(0.3)
    // The deepest comes first, and the others count from it.
    expect(exposures[0]).toMatchObject({ dx: 0, dy: 0, magStep: 0 })
    expect(exposures.every((e) => e.magStep > -0.15)).toBe(true)

    // Which exposure each image belongs to: as the images themselves know.
    const names = exposures.map((_, k) => {
      const own = images.filter((_, row) => member[row] === k && images[row]!.star >= 0)
      const votes = truth.map((_, e) => own.filter(({ exposure }) => exposure === e).length)
      return votes.indexOf(Math.max(...votes))
    })
    expect(new Set(names).size).toBe(truth.length)
    const told = images.filter(({ star }, row) => star >= 0 && member[row]! >= 0)
    const right = images.filter(
      (image, row) => image.star >= 0 && member[row]! >= 0 && names[member[row]!] === image.exposure,
    )
    expect(right.length / told.length).toBeGreaterThan(0.95)
  })

  it('finds them beside a réseau and a cluster', () => {
    const truth = LINE(2, 33, 12, 0.4)
    const found = lookedAt([
      ...starImages(12, 200, truth),
      ...starImages(13, 300, truth, inCluster(600, 700, 80)),
      ...gridMarks(12, 250),
    ])
    expect(codes(found)).toContain('MULTI_EXPOSURE')
    expect(found.pattern!.exposures).toHaveLength(2)
    expect(worstOffset(found.pattern!.exposures, truth)).toBeLessThan(0.3)
  })

  it('finds them where a patch of mould has most of all images', () => {
    const truth = LINE(2, 33, 12, 0.2)
    const found = lookedAt([...starImages(16, 14, truth), ...flaws(16, 60, 7)])
    expect(codes(found)).toEqual(['MULTI_EXPOSURE'])
    expect(found.pattern!.exposures).toHaveLength(2)
    expect(worstOffset(found.pattern!.exposures, truth)).toBeLessThan(0.5)
  })

  it('calls what is much fainter a ghost', () => {
    const found = lookedAt(starImages(14, 3000, LINE(2, 25, 31, 3.8)))
    expect(codes(found)).toEqual(['WEDGE_GHOST'])
  })

  it('tells the satellites of a grating, one on either side', () => {
    const sides = [...ONE, { dx: 60, dy: 20, magStep: 2.5 }, { dx: -60, dy: -20, magStep: 2.5 }]
    expect(codes(lookedAt(starImages(15, 1500, sides)))).toEqual(['GRATING'])
  })
})
