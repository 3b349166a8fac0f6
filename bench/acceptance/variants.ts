// Row: the M67 scan negated, mirrored, turned, cut, and in other formats. The same stars at the same places.
import { join } from 'node:path'
import {
  atLeast,
  type Bench,
  type Figure,
  judge,
  mustBe,
  type Reduction,
  reduce,
  told,
  verified,
  whyNot,
} from './bench.ts'
import { M67, M67_STARS, reduceM67 } from './m67.ts'

export interface Variant {
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

export interface Spread {
  stars: number
  median: number
  p90: number
  p99: number
  max: number
  within: number
}

export interface Compared {
  expected: number
  found_again: number
  all: Spread | null
  single: Spread | null
}

const MIN_FOUND_AGAIN = 0.95 // of the original's pairs; the rest is noise at the match radius and at the depth of the fit

function describeSpread(spread: Spread | null): string {
  if (spread === null) return 'none'
  const { stars, median, p90, p99, max } = spread
  const [a, b, c, d] = [median, p90, p99, max].map((value) => `${value.toFixed(4)}″`)
  return `${stars} stars: ${a} median, ${b} 90 %, ${c} 99 %, ${d} largest`
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
): Promise<{ run: Reduction; found: Compared | null }> {
  const { file, limitArcsec } = variant
  const scan = join(bench.out, 'variant-scans', file)
  const options = ['--catalog', join(bench.shared, M67_STARS)]
  const run = await reduce(bench, scan, 'variants', file.replace(/\..*/, ''), options)
  if (run.exit !== 0) return { run, found: null }
  const window = variant.cut ? cut : []
  const found = await judge<Compared>('variants', ['compare', original, run.folder, limitArcsec, ...window])
  return { run, found }
}

function figuresOf(variant: Variant, run: Reduction, found: Compared | null): Figure[] {
  const row = `m67 ${variant.name}`
  const limit = variant.limitArcsec
  const status = mustBe(row, 'exit status', 0, run.exit)
  if (found === null) return [status, told(row, 'why', whyNot(run))]
  return [
    status,
    atLeast(row, `share of the ${found.expected} pairs found again`, MIN_FOUND_AGAIN, found.found_again),
    atLeast(row, `share within ${limit}″, not deblended`, 1, found.single?.within ?? null),
    atLeast(row, `share within ${limit}″, all`, 1, found.all?.within ?? null),
    told(row, 'moved, not deblended', describeSpread(found.single)),
    told(row, 'moved, all', describeSpread(found.all)),
  ]
}

export async function variants(bench: Bench): Promise<Figure[]> {
  const cut = await makeVariants(bench)
  const original = await reduceM67(bench)
  const figures: Figure[] = []
  for (const variant of VARIANTS) {
    const { run, found } = await oneVariant(bench, variant, original.folder, cut)
    figures.push(...figuresOf(variant, run, found))
  }
  return [...figures, await verified('m67 variants', join(bench.out, 'variants'))]
}
