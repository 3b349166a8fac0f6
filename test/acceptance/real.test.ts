// Real plates, judged by astropy, SWarp and fitsverify: the quick part of `npm run bench -- acceptance`.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bench } from '../../bench/acceptance/bench.ts'
import { m67, reduceM67 } from '../../bench/acceptance/m67.ts'
import { orionPlain } from '../../bench/acceptance/tycho.ts'
import { makeVariants, oneVariant, VARIANTS } from '../../bench/acceptance/variants.ts'
import { wcsFigures } from '../../bench/acceptance/wcs.ts'
import { benchIn, expectAllPass, HAS_PLATES } from './setting.ts'

if (!HAS_PLATES) console.log('no ../shared/plates: M67 and Orion are not reduced')

describe.skipIf(!HAS_PLATES)('M67 on POSS-I, with its Gaia stars and nothing else given', () => {
  let bench: Bench
  let done: () => void
  let cut: number[]

  beforeAll(async () => {
    const made = benchIn()
    bench = made.bench
    done = made.done
    cut = await makeVariants(bench)
  })
  afterAll(() => done())

  it('is reduced as well as the table of accuracy says', async () => {
    expectAllPass(await m67(bench))
  })

  it('has places that astropy and SWarp find again through wcs.fits and scamp.head', async () => {
    expectAllPass(await wcsFigures(bench, 'm67', (await reduceM67(bench)).folder))
  })

  it.each([
    ['negated', 1, 1],
    // Images that touch others are told apart differently by SExtractor when the scan is turned over, and the profile fits
    // of single images take in the light of those neighbours: it was 1 with windowed places, which lie farther from the stars (bench -- centring).
    ['mirrored', 0.95, 0.88],
    ['16-bit TIFF', 1, 1],
  ])('%s, it gives the same stars at the same places', async (name, shareApart, shareAll) => {
    const variant = VARIANTS.find((one) => one.name === name)!
    const original = await reduceM67(bench)
    const { run, found } = await oneVariant(bench, variant, original.folder, cut)
    console.log(name, found)
    expect(run.exit).toBe(0)
    expect(found!.found_again).toBeGreaterThanOrEqual(0.95)
    expect(found!.single!.stars).toBeGreaterThan(300)
    expect(found!.single!.within).toBeGreaterThanOrEqual(shareApart)
    expect(found!.all!.within).toBeGreaterThanOrEqual(shareAll)
  })
})

describe.skipIf(!HAS_PLATES)('the Orion plate of 1888, nothing given', () => {
  it('agrees with Tycho-2 in each ninth of the plate, and with astropy and SWarp', async () => {
    const { bench, done } = benchIn()
    try {
      expectAllPass(await orionPlain(bench))
      expectAllPass(await wcsFigures(bench, 'orion', `${bench.out}/orion/orion`))
    } finally {
      done()
    }
  })
})
