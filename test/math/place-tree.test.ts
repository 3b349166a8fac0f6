import { describe, expect, it } from 'vitest'
import { columnTree, placeTree } from '../../src/math/place-tree.ts'

const X = [0, 10, 20, 30]
const Y = [0, 0, 5, 5]

describe('places that are looked up by where they are', () => {
  it('are found by their index in the list, and within the reach only', () => {
    const tree = placeTree(X.map((x, k) => ({ x, y: Y[k]! })))
    expect(tree.within(11, 1, 2)).toEqual([1])
    expect(tree.within(15, 2, 6).sort()).toEqual([1, 2])
    expect(tree.within(100, 100, 5)).toEqual([])
  })

  it('are found by the place of their row among the rows given', () => {
    expect(columnTree(X, Y).within(30, 5, 1)).toEqual([3])
    expect(columnTree(X, Y, [3, 1]).within(30, 5, 1)).toEqual([0])
  })

  it('may be none', () => {
    expect(placeTree([]).within(0, 0, 10)).toEqual([])
  })
})
