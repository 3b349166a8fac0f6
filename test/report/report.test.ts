import { readFileSync } from 'node:fs'
import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { ISSUES } from '../../src/issues.ts'
import { renderReport } from '../../src/report/report.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { reportInput } from './plates.ts'

interface Parsed {
  tags: { name: string; attributes: Record<string, string> }[]
  /** All text outside of style, entities resolved. */
  text: string
}

/** Parses the page strictly: unclosed tags, stray ampersands and doubled attributes throw. */
function parse(page: string): Parsed {
  const tags: Parsed['tags'] = []
  const texts: string[] = []
  let inStyle = false
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    tags.push({ name, attributes: attributes as Record<string, string> })
    inStyle = name === 'style'
  })
  parser.on('closetag', () => {
    inStyle = false
  })
  parser.on('text', (text) => {
    if (!inStyle) texts.push(text)
  })
  parser.write(page).close()
  return { tags, text: texts.join(' ').replace(/\s+/g, ' ') }
}

const VOID = ['meta', 'br', 'img', 'hr', 'link', 'input']

describe('the report of a reduced plate', () => {
  it('is one well-formed HTML5 page that fetches nothing and runs nothing', async () => {
    const page = await renderReport(await reportInput())
    expect(page.startsWith('<!DOCTYPE html>\n<html lang="en">')).toBe(true)
    const { tags } = parse(page)
    expect(
      tags.filter(({ name }) => ['script', 'link', 'iframe', 'object', 'img', 'base'].includes(name)),
    ).toEqual([])
    const addresses = tags.flatMap(({ attributes }) =>
      Object.entries(attributes).filter(
        ([key, value]) => key !== 'xmlns' && /:\/\/|^data:|url\(/.test(value),
      ),
    )
    expect(addresses.map(([key, value]) => [key, value.slice(0, 22)])).toEqual([
      ['href', 'data:image/png;base64,'],
    ])
    expect(page).not.toMatch(/url\(|@import|\son\w+=/)
    const ids = tags.map(({ attributes }) => attributes.id).filter((id) => id !== undefined)
    expect(new Set(ids).size).toBe(ids.length)
    // `<td/>` is no empty cell in HTML; only void elements and SVG may close themselves.
    const selfClosed = [...page.replace(/<svg[\s\S]*?<\/svg>/g, '').matchAll(/<(\w+)[^>]*\/>/g)].map(
      (match) => match[1]!,
    )
    expect(selfClosed.filter((name) => !VOID.includes(name))).toEqual([])
  })

  it('says what was found in numbers', async () => {
    const { text } = parse(await renderReport(await reportInput()))
    for (const said of [
      'Reduced',
      'single: one direct exposure',
      '10 00 00.00',
      '+20 00 00.0',
      '150.00000 +20.00000',
      '2.00000″ per pixel; 100.000″ per mm',
      '10.0′ × 6.7′',
      'no: east is to the left',
      '1951.911 (from the header of the scan)',
      'gaia-dr3, epoch 2016.0',
      'affine, 6 constants',
      '0.123',
      '0.156',
      '1.23',
      '1.56', // arcsec and µm
      '222 held-out pairs; 3.0 with a shifted catalogue',
      '4·10⁻⁷⁷',
      '87 %',
      '1953.4 ± 2.1: consistent',
      '10⁻⁷ px at most (SIP)',
      'folders:blind',
      'accepted: 222 held-out pairs',
      'index-07.fits',
      '0.247″ chosen',
      'exposed for 12 min',
    ]) {
      expect(text, said).toContain(said)
    }
    expect(text).not.toMatch(/NaN|undefined|\[object|null/)
  })

  it('gives every reason its severity, what was seen, what it means and the next step', async () => {
    const { text } = parse(await renderReport(await reportInput()))
    expect(text).toContain('Note PLACE_UNKNOWN No place was given.')
    expect(text).toContain(ISSUES.PLACE_UNKNOWN.sentence)
    expect(text).toContain(`→ ${ISSUES.PLACE_UNKNOWN.nextStep}`)
  })

  it('names what was not determined with a dash', async () => {
    const { text } = parse(await renderReport(await reportInput()))
    expect(text).toContain('reduced χ² –')
  })

  it('is the same bytes every time, whatever the clock and the times of the programs', async () => {
    const input = await reportInput()
    const first = await renderReport(input)
    const slower = structuredClone(input.solution)
    for (const attempt of slower.attempts) attempt.seconds *= 3
    for (const exposure of slower.exposures) exposure.solve.seconds *= 3
    expect(await renderReport({ ...input, solution: slower })).toBe(first)
    expect(first).not.toContain(String(new Date().getFullYear()))
  })

  it('escapes every name that comes from outside', async () => {
    const name = `a<b>&"c"'é銀/ .fits`
    const { text, tags } = parse(await renderReport(await reportInput({ id: name, scan: name })))
    expect(text.split(name).length - 1).toBeGreaterThanOrEqual(3) // title, heading, file name
    expect(tags.some(({ name: tag }) => tag === 'b>')).toBe(false)
  })

  it('draws the residuals when there are a handful of pairs, and when there are thousands', async () => {
    const figures = async (pairs: number) => {
      const random = randomStream(1, 'report')
      const offset = (): [number, number] => [0.1 * random.gauss(), 0.1 * random.gauss()]
      const page = await renderReport(
        await reportInput({ width: 900, height: 700, detections: pairs + 10, pairs, offset }),
      )
      return parse(page).tags.flatMap(({ attributes }) => attributes.id ?? [])
    }
    expect(await figures(5)).toEqual(['residuals-0', 'preview'])
    expect(await figures(90)).toEqual(['residuals-0', 'magnitudes-0', 'radii-0', 'preview'])
    expect(await figures(1500)).toEqual(['residuals-0', 'means-0', 'magnitudes-0', 'radii-0', 'preview'])
  })

  it('counts what each rule rejected', async () => {
    const { text } = parse(await renderReport(await reportInput()))
    expect(text).toMatch(/TOO_WIDE 10 wider than this plate's stars/)
    expect(text).not.toContain('HALO')
  })
})

describe('the report of a plate that was not reduced', () => {
  it('says so, shows the preview, the attempts and what would help', async () => {
    const { text, tags } = parse(await renderReport(await reportInput({ pairs: 0 })))
    for (const said of [
      'Not solved',
      'Five attempts failed.',
      ISSUES.UNSOLVED.nextStep,
      'detections.fits',
      '50 like a star',
      '10 rejected',
    ]) {
      expect(text, said).toContain(said)
    }
    expect(text.indexOf('UNSOLVED')).toBeLessThan(text.indexOf('PLACE_UNKNOWN')) // the gravest first
    expect(tags.flatMap(({ attributes }) => attributes.id ?? [])).toEqual(['preview'])
  })

  it('bears a plate on which nothing was detected', async () => {
    const { text } = parse(await renderReport(await reportInput({ detections: 0, pairs: 0, rejected: 0 })))
    expect(text).toContain('Could not be reduced')
    expect(text).not.toMatch(/NaN|undefined/)
  })

  it.each([
    ['multi', 'more than one exposure'],
    ['complex', 'not a simple direct exposure'],
  ] as const)('says what %s means', async (plateClass, words) => {
    const input = await reportInput({ pairs: 0 })
    const solution = { ...input.solution, status: 'manual' as const, class: plateClass }
    const { text } = parse(await renderReport({ ...input, solution }))
    expect(text).toContain('For a person to look at')
    expect(text).toContain(words)
  })
})

describe('the size of the report', () => {
  it('stays below 2 MB with 60,000 detections on a noisy scan', async () => {
    const input = await reportInput({ width: 1100, height: 1100, detections: 60, pairs: 30 })
    const random = randomStream(5, 'many')
    const length = 60_000
    const many = (value: () => number) => Float64Array.from({ length }, value)
    const detections = {
      ...input.detections,
      length,
      x: many(() => random.between(1, 1100)),
      y: many(() => random.between(1, 1100)),
      magInst: many(() => -random.next()),
      fwhm: many(() => 3),
    }
    const filtered = {
      ...input.filtered,
      reject: new Int32Array(length).map((_, i) => (i % 3 === 0 ? 1 : 0)),
    }
    const page = await renderReport({ ...input, detections, filtered })
    const megabytes = Buffer.byteLength(page) / 1e6
    console.log(`report with 60,000 detections: ${megabytes.toFixed(2)} MB`)
    expect(megabytes).toBeLessThan(2)
    expect(parse(page).text).toMatch(
      /39.980 like a star, without a reference star \(the 1.000 brightest are drawn\)/,
    )
  })
})

describe('the style sheet', () => {
  it('needs no escaping', () => {
    expect(
      readFileSync(new URL('../../src/report/style.ts', import.meta.url), 'utf8').split('`')[1],
    ).not.toMatch(/[<&]/)
  })
})
