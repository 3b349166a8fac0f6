// What the logbook says against what the plate shows.
import { describe, expect, it } from 'vitest'
import { type PlateClass, saidClass, weighLogbook } from '../../../src/stages/triage/logbook.ts'

const book = (method: number | null, exposures: number | null) => ({ method, exposures, insists: false })

describe('what the logbook says', () => {
  it.each([
    [null, null, undefined],
    [1, null, 'single'],
    [null, 1, 'single'],
    [1, 3, 'multi'],
    [2, null, 'multi'],
    [4, 1, 'complex'],
    [8, null, 'complex'],
  ] as const)('METHOD %s and %s exposures are %s', (method, exposures, said) => {
    expect(saidClass(book(method, exposures))).toBe(said)
  })
})

describe('the logbook against the plate', () => {
  const classes: PlateClass[] = ['single', 'multi', 'complex']
  const books = { single: book(1, 1), multi: book(2, 2), complex: book(4, 1) }

  it('takes for single only what both or the plate alone call so', () => {
    for (const said of classes) {
      for (const shown of classes) {
        const found = weighLogbook(books[said], shown, null)
        const worst = classes[Math.max(classes.indexOf(said), classes.indexOf(shown))]
        expect([said, shown, found.class]).toEqual([said, shown, worst])
        expect(found.reasons.map((r) => r.code)).toEqual(said === shown ? [] : ['EXPOSURES_DISAGREE'])
      }
    }
    for (const shown of classes) {
      expect(weighLogbook(book(null, null), shown, null)).toEqual({ class: shown, reasons: [] })
    }
  })

  it('tells what the plate itself shows', () => {
    const [found] = weighLogbook(book(1, 2), 'single', null).reasons
    expect(found!.text).toBe(
      'the logbook (METHOD 1, 2 exposures) says more than one exposure; the plate itself shows one direct exposure',
    )
    expect(found!.evidence).toEqual({ logbook: 'multi', plate: 'single', method: 1, numexp: 2 })
  })

  it('counts exposures on both sides', () => {
    expect(weighLogbook(book(2, 3), 'multi', 3).reasons).toEqual([])
    expect(weighLogbook(book(2, 3), 'multi', 2).reasons.map((r) => r.evidence.seen_exposures)).toEqual([2])
    expect(weighLogbook(book(2, null), 'multi', 2).reasons).toEqual([])
  })
})
