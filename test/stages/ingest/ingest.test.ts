import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Cancelled, UserError } from '../../../src/errors.ts'
import { openFitsImage } from '../../../src/fits/image.ts'
import { ISSUES, reason } from '../../../src/issues.ts'
import { BadScan, ingest } from '../../../src/stages/ingest.ts'
import { changed, havePlates, type MemoryScan, memoryScan, negative, realPlate, starField } from './scans.ts'

let workDir: string
beforeEach(() => {
  workDir = mkdtempSync(join(tmpdir(), "ingest test's é "))
})
afterEach(() => rmSync(workDir, { recursive: true }))

const run = (scan: MemoryScan, options = {}) => ingest(scan, { workDir, scanPath: 'scan.fits', ...options })

async function pixels(path: string): Promise<Float64Array> {
  const image = await openFitsImage(path, {})
  const rows = await image.readRows(0, image.height)
  await image.close()
  return rows
}

/** Largest difference of two images, pixel by pixel. */
function worst(a: Float64Array, b: Float64Array | ((i: number) => number)): number {
  let largest = 0
  for (let i = 0; i < a.length; i++)
    largest = Math.max(largest, Math.abs(a[i] - (typeof b === 'function' ? b(i) : b[i])))
  return largest
}

describe('the working scan', () => {
  it('of whole numbers is exact, for positives and for negatives', async () => {
    const field = starField(300, 200, { stars: 80 })
    const max = Math.max(...field.values)
    const positive = await run(field)
    expect(worst(await pixels(positive.positivePath), field.values)).toBe(0)
    expect(positive).toMatchObject({
      plate: { polarity: 'positive' },
      statistics: { factor: 1, zero: 0, pixelType: 'uint16' },
    })
    const dark = negative(field)
    const inverted = await run(dark)
    expect(inverted).toMatchObject({
      plate: { polarity: 'negative' },
      statistics: { factor: -1, pixelType: 'uint16' },
    })
    const top = Math.max(...dark.values)
    expect(worst(await pixels(inverted.positivePath), (i) => top - dark.values[i])).toBe(0)
    expect(top).toBeLessThanOrEqual(max)
    expect(worst(await pixels(inverted.weightPath), () => 1)).toBe(0)
  })
  it('keeps all 65536 levels, below 0 as well, and 0 and the largest value of a negative', async () => {
    const field = starField(200, 200, { stars: 60 })
    const wide = (zero: number) =>
      changed(field, (v, x, y) => (x === 5 && y === 5 ? zero : x === 6 && y === 5 ? zero + 65535 : v + zero))
    for (const scan of [wide(-32768), wide(0)]) {
      const { positivePath, statistics } = await run(scan, { polarity: 'positive' })
      expect(statistics).toMatchObject({ min: 0, max: 65535, pixelType: 'uint16' })
      expect(worst(await pixels(positivePath), (i) => scan.values[i] + statistics.zero)).toBe(0)
      const inverted = await run(scan, { polarity: 'negative' })
      expect(inverted.statistics).toMatchObject({ min: 0, max: 65535, pixelType: 'uint16' })
    }
  })
  it('of fractions and of wide ranges is float32', async () => {
    const field = changed(starField(300, 200, { stars: 80 }), (v) => v / 7)
    const { positivePath, statistics } = await run(field)
    expect(statistics.pixelType).toBe('float32')
    expect(worst(await pixels(positivePath), (i) => Math.fround(field.values[i]))).toBe(0)
    const wide = changed(starField(300, 200, { stars: 80 }), (v) => v * 100)
    expect((await run(wide)).statistics.pixelType).toBe('float32')
  })
  it('has sky where pixels are blank, and weight 0 there', async () => {
    const field = starField(300, 200, { stars: 80 })
    const holes = changed(field, (v, x, y) => ((x + y) % 37 === 0 || (x < 100 && y < 60) ? Number.NaN : v))
    const result = await run(holes)
    const [image, weight] = [await pixels(result.positivePath), await pixels(result.weightPath)]
    let farthest = 0
    for (let i = 0; i < image.length; i++) {
      if (!Number.isNaN(holes.values[i])) continue
      farthest = Math.max(farthest, Math.abs(image[i] - 3000))
      expect(weight[i]).toBe(0)
    }
    console.log(`blank pixels were filled to within ${farthest} of the sky of 3000 ± 100`)
    expect(farthest).toBeLessThan(60)
    expect(result.reasons.map((r) => r.code)).toEqual(expect.arrayContaining(['BLANK_PIXELS', 'AREA_MASKED']))
    expect(result.statistics.blankFraction).toBeCloseTo(0.125, 1)
  })
  it('is read alike by astropy, and passes fitsverify', async () => {
    const field = starField(300, 200, { stars: 80 })
    const { positivePath, weightPath } = await run(negative(field))
    for (const path of [positivePath, weightPath])
      expect(execFileSync('fitsverify', ['-q', path], { encoding: 'utf8' })).toMatch(/^verification OK/)
    const script =
      'import sys\nfrom astropy.io import fits\nfor p in sys.argv[1:]:\n d = fits.getdata(p)\n print(d.dtype, d.shape, int(d.astype("i8").sum()))'
    const said = execFileSync('/usr/bin/python3', ['-c', script, positivePath, weightPath], {
      encoding: 'utf8',
    })
    const total = (await pixels(positivePath)).reduce((a, b) => a + b, 0)
    expect(said.trim().split('\n')).toEqual([`uint16 (200, 300) ${total}`, `uint8 (200, 300) ${300 * 200}`])
  })
})

describe('the statistics', () => {
  it('give sky, noise and saturation as the field was made', async () => {
    const { statistics } = await run(starField(1000, 800, { stars: 900, fwhm: 6 }))
    console.log(
      `sky ${statistics.skyLevel} (3000), noise ${statistics.skyNoise.toFixed(1)} (100), saturation ${statistics.saturationLevel} (12000)`,
    )
    expect(Math.abs(statistics.skyLevel - 3000)).toBeLessThan(20)
    expect(Math.abs(statistics.skyNoise - 100)).toBeLessThan(8)
    expect(statistics.saturationMeasured).toBe(true)
    expect(Math.abs(statistics.saturationLevel - 11800)).toBeLessThan(300)
  })
  it('call the highest value the saturation where no plateau is seen', async () => {
    const { statistics } = await run(starField(500, 500, { stars: 30, fwhm: 3, seed: 4 }))
    expect(statistics.saturationLevel).toBeLessThanOrEqual(statistics.max)
  })
  it.skipIf(!havePlates)('find the plateau of real plates', async () => {
    // Read off the histograms of the plates: where the pile-up of star cores begins to rise.
    for (const [name, low, high] of [
      ['m67-poss1-e-1951.fits', 12000, 12900],
      ['gemini-poss1-o-1954.fits', 14200, 14900],
      ['horsehead-serc-er-1990.fits', 20300, 21200],
      ['m44-1975.fits', 244, 255],
    ] as const) {
      const { statistics } = await run(await realPlate(name))
      console.log(`${name}: saturation ${statistics.saturationLevel} of at most ${statistics.max}`)
      expect(statistics.saturationMeasured).toBe(true)
      expect(statistics.saturationLevel).toBeGreaterThan(low)
      expect(statistics.saturationLevel).toBeLessThan(high)
    }
  })
})

describe('the polarity option', () => {
  it('is followed, with a word where the pixels say otherwise', async () => {
    const field = starField(300, 300, { stars: 90 })
    const forced = await run(field, { polarity: 'negative' })
    expect(forced.plate.polarity).toBe('negative')
    expect(forced.reasons.map((r) => r.code)).toContain('POLARITY_OPTION')
    expect((await run(field, { polarity: 'positive' })).reasons.map((r) => r.code)).not.toContain(
      'POLARITY_OPTION',
    )
  })
  it('helps where the measure is unsure', async () => {
    const noise = starField(300, 300, { stars: 0 })
    expect((await run(noise)).reasons.map((r) => r.code)).toContain('POLARITY_UNSURE')
    expect((await run(noise, { polarity: 'negative' })).reasons.map((r) => r.code)).not.toContain(
      'POLARITY_UNSURE',
    )
  })
})

describe('a bad scan', () => {
  const star = starField(300, 300, { stars: 90 })
  it.each([
    ['constant', memoryScan(300, 200, () => 1234), 'CONSTANT_IMAGE', /1234/],
    ['all NaN', memoryScan(300, 200, () => Number.NaN), 'ALL_BLANK', /300 × 200/],
    ['of 50 × 50 px', memoryScan(50, 50, (x, y) => x * y), 'TOO_SMALL', /50 × 50 px.*at least 100 × 100/],
    ['long and thin', memoryScan(5000, 40, (x, y) => x * y), 'TOO_SMALL', /5000 × 40/],
    [
      'nearly all blank',
      changed(star, (v, x, y) => (x < 10 && y < 10 ? v : Number.NaN)),
      'NO_USABLE_AREA',
      /blank/,
    ],
    [
      'all clipped but for a corner',
      changed(star, (v, x, y) => (x < 20 && y < 20 ? v : 0)),
      'NO_USABLE_AREA',
      /clipped/,
    ],
  ] as const)('that is %s says what was found and what to do', async (_, scan, code, words) => {
    const failed = await run(scan).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(BadScan)
    expect(failed).toBeInstanceOf(UserError)
    const bad = failed as BadScan
    expect(bad.reason).toMatchObject({ code, severity: 'fatal' })
    expect(bad.message).toMatch(words)
    expect(bad.todo.length).toBeGreaterThan(20)
    expect(bad.plate.notes.at(-1)).toBe(bad.reason)
    expect(readdirSync(workDir)).toEqual([])
  })
  it('with damage that could be read around says so', async () => {
    const scan = { ...star, problems: ['The last 3 rows are missing.'] }
    expect((await run(scan as MemoryScan)).reasons).toContainEqual(
      reason('SCAN_TRUNCATED', 'The last 3 rows are missing.'),
    )
  })
  it('leaves nothing half-written when it breaks while being read, or when the user cancels', async () => {
    let reads = 0
    const breaking = {
      ...star,
      readRows: async (y0: number, count: number) => {
        if (++reads > 30) throw new Error('disk gone')
        return star.readRows(y0, count)
      },
    }
    await expect(run(breaking)).rejects.toThrow('disk gone')
    expect(readdirSync(workDir)).toEqual([])
    const abort = new AbortController()
    abort.abort()
    await expect(run(star, { signal: abort.signal })).rejects.toBeInstanceOf(Cancelled)
    expect(readdirSync(workDir)).toEqual([])
  })
  it('of which a disk has no room is a matter of the disk', async () => {
    await expect(ingest(star, { workDir: '/proc/nowhere', scanPath: 'scan.fits' })).rejects.toThrow()
  })
})

describe('issues', () => {
  it('each have a severity, a sentence and a next step', () => {
    for (const [code, issue] of Object.entries(ISSUES)) {
      expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/)
      expect(['fatal', 'flag', 'warn', 'info']).toContain(issue.severity)
      for (const text of [issue.sentence, issue.nextStep]) expect(text, code).toMatch(/^[A-Z].{20,}\.$/)
    }
  })
  it('become reasons with the severity of the table', () => {
    expect(reason('TRAILED', 'Images are 3 times as long as wide.', { ratio: 3 })).toEqual({
      code: 'TRAILED',
      severity: 'flag',
      text: 'Images are 3 times as long as wide.',
      evidence: { ratio: 3 },
    })
  })
})

describe('a scan of 6000 × 4000 px', () => {
  it('is never held whole', async () => {
    const tile = starField(500, 500, { stars: 150 })
    const [width, height] = [6000, 4000]
    let largest = 0
    const scan = {
      ...memoryScan(1, 1, () => 0),
      width,
      height,
      readRows: async (y0: number, count: number) => {
        largest = Math.max(largest, count)
        const rows = new Float64Array(width * count)
        for (let y = 0; y < count; y++)
          for (let x = 0; x < width; x += 500)
            rows.set(
              tile.values.subarray(((y0 + y) % 500) * 500, ((y0 + y) % 500) * 500 + 500),
              y * width + x,
            )
        return rows
      },
    }
    const begun = performance.now()
    const result = await ingest(scan, { workDir, scanPath: 'big.fits' })
    console.log(
      `6000 × 4000 px in ${((performance.now() - begun) / 1000).toFixed(1)} s, at most ${largest} rows at a time`,
    )
    expect(largest).toBeLessThanOrEqual(256)
    expect(result.area.fraction).toBe(1)
    expect(statSync(result.positivePath).size).toBeGreaterThan(2 * width * height)
  })
})
