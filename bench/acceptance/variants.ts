// Row: the M67 scan negated, mirrored, turned, cut, and in other formats. The same stars at the same places.
import { join } from 'node:path'
import {
  atLeast,
  atMost,
  type Bench,
  type Figure,
  judge,
  mustBe,
  reduce,
  told,
  verified,
  whyNot,
} from './bench.ts'
import { M67, M67_STARS, reduceM67 } from './m67.ts'

interface Variant {
  name: string
  file: string
  limitArcsec: number
  cut?: boolean
}

export const VARIANTS: readonly Variant[] = [
  { name: 'negated', file: 'negated.fits', limitArcsec: 0.02 },
  { name: 'mirrored', file: 'mirrored.fits', limitArcsec: 0.02 },
  { name: 'turned by 90°', file: 'turned.fits', limitArcsec: 0.02 },
  { name: 'cut to 600 px', file: 'cut.fits', limitArcsec: 0.05, cut: true },
  { name: '16-bit TIFF', file: 'tiff.tif', limitArcsec: 0.02 },
  { name: '.fits.gz', file: 'gzipped.fits.gz', limitArcsec: 0.02 },
  { name: '.fits.fz', file: 'packed.fits.fz', limitArcsec: 0.02 },
  { name: 'in an extension', file: 'extension.fits', limitArcsec: 0.02 },
]

interface Spread {
  stars: number
  median: number
  p90: number
  p99: number
  max: number
  within: number
}

interface Compared {
  expected: number
  found_again: number
  all: Spread | null
  single: Spread | null
}

const MIN_FOUND_AGAIN = 0.95 // of the original's pairs; the rest is noise at the match radius and at the depth of the fit

function describeSpread(spread: Spread | null, limit: number): string {
  if (spread === null) return 'none'
  const { stars, median, p90, p99, max, within } = spread
  const [a, b, c, d] = [median, p90, p99, max].map((value) => `${value.toFixed(4)}″`)
  return `${stars} stars: ${a} median, ${b} 90 %, ${c} 99 %, ${d} largest; ${(100 * within).toFixed(1)} % within ${limit}″`
}

/** Writes every variant of the scan; returns the window of the cut. */
export async function makeVariants(bench: Bench): Promise<number[]> {
  const made = await judge<{ cut: number[] }>('variants', [
    'make',
    join(bench.shared, M67),
    join(bench.out, 'variant-scans'),
  ])
  return made.cut
}

/** Reduces one variant with the Gaia stars and nothing else, and compares it with the original's result. */
export async function oneVariant(
  bench: Bench,
  variant: Variant,
  original: string,
  cut: number[],
): Promise<Figure[]> {
  const { name, file, limitArcsec } = variant
  const row = `m67 ${name}`
  const scan = join(bench.out, 'variant-scans', file)
  const options = ['--catalog', join(bench.shared, M67_STARS)]
  const run = await reduce(bench, scan, 'variants', file.replace(/\..*/, ''), options)
  const status = mustBe(row, 'exit status', 0, run.exit)
  if (run.exit !== 0) return [status, told(row, 'why', whyNot(run))]
  const window = variant.cut ? cut : []
  const found = await judge<Compared>('variants', ['compare', original, run.folder, limitArcsec, ...window])
  return [
    status,
    atLeast(row, `share of the ${found.expected} pairs found again`, MIN_FOUND_AGAIN, found.found_again),
    atMost(row, 'moved, 99 % of the stars', limitArcsec, found.all?.p99 ?? null, '″'),
    atMost(row, 'moved, largest of the stars not deblended', limitArcsec, found.single?.max ?? null, '″'),
    told(row, 'all', describeSpread(found.all, limitArcsec)),
    told(row, 'not deblended', describeSpread(found.single, limitArcsec)),
  ]
}

export async function variants(bench: Bench): Promise<Figure[]> {
  const cut = await makeVariants(bench)
  const original = await reduceM67(bench)
  const figures: Figure[] = []
  for (const variant of VARIANTS) figures.push(...(await oneVariant(bench, variant, original.folder, cut)))
  return [...figures, await verified('m67 variants', join(bench.out, 'variants'))]
}
