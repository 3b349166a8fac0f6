import { describe, expect, it } from 'vitest'
import { poissonTail } from '../../../src/stages/match/chance.ts'
import { python } from '../../math/python.ts'

describe('the probability of so many pairs by chance', () => {
  it('is the Poisson tail as summed in fifty digits, from certainty down to the smallest number', () => {
    const cases: [number, number][] = []
    for (const mean of [0.01, 0.08, 1, 3.7, 20, 150, 1000]) {
      for (const n of [0, 1, 2, 5, 12, 19, 20, 21, 60, 300, 1100, 3000]) cases.push([n, mean])
    }
    const code = `
from decimal import Decimal, getcontext
getcontext().prec = 50
def tail(n, mean):
    mean = Decimal(mean)
    term = (-mean).exp()
    for k in range(1, n + 1):
        term = term * mean / k
    total, k = Decimal(0), n
    while term > total * Decimal('1e-40') or k < mean:
        total, k = total + term, k + 1
        term = term * mean / k
    return float(total)
answer([tail(n, mean) for n, mean in given])
`
    const truth = python<number[]>(code, cases)
    let worst = 0
    cases.forEach(([n, mean], k) => {
      const own = poissonTail(n, mean)
      expect(own).toBeGreaterThan(0)
      expect(own).toBeLessThanOrEqual(1)
      const tiny = 1e-300
      if (truth[k]! > tiny) worst = Math.max(worst, Math.abs(Math.log10(own / truth[k]!)))
      else expect(own).toBeLessThan(1e-290)
    })
    console.log(`Poisson tail against fifty digits: worst ${worst.toExponential(1)} dex`)
    expect(worst).toBeLessThan(1e-6)
  })
})
