// Which images are fitted together: those whose flanks share pixels, a few at a time; what the rest of the light
// on those pixels is, others' images tell.
import { columnTree } from '../../../math/place-tree.ts'

/** Images by column: places on the scan, light at the top, and how far each one is fitted. */
export interface Images {
  length: number
  x: Float64Array
  y: Float64Array
  light: Float64Array
}

/** Images in one fit at most: a dense field is cut where the images overlap least. */
const MOST_IN_GROUP = 4

/** Of the sum of two flanks: images nearer than this share pixels that matter. */
const TOUCHING = 0.9

/** @param flankPx  radius of each image out to the foot of its flank */
export function groupImages(images: Images, flankPx: Float64Array): Int32Array[] {
  const n = images.length
  const tree = columnTree(images.x, images.y)
  const links: { i: number; j: number; gap: number }[] = []
  for (let i = 0; i < n; i++) {
    // The larger image of a pair looks for the smaller ones.
    for (const j of tree.within(images.x[i]!, images.y[i]!, 2 * flankPx[i]!)) {
      if (j === i || flankPx[j]! > flankPx[i]! || (flankPx[j] === flankPx[i] && j < i)) continue
      const distance = Math.hypot(images.x[i]! - images.x[j]!, images.y[i]! - images.y[j]!)
      const gap = distance / (flankPx[i]! + flankPx[j]!)
      if (gap < TOUCHING) links.push({ i, j, gap })
    }
  }
  links.sort((a, b) => a.gap - b.gap || a.i - b.i || a.j - b.j)
  const head = Int32Array.from({ length: n }, (_, i) => i)
  const size = new Int32Array(n).fill(1)
  const find = (i: number): number => {
    let at = i
    while (head[at] !== at) at = head[at]!
    return at
  }
  for (const { i, j } of links) {
    const [a, b] = [find(i), find(j)]
    if (a === b || size[a]! + size[b]! > MOST_IN_GROUP) continue
    head[Math.max(a, b)] = Math.min(a, b)
    size[Math.min(a, b)] = size[a]! + size[b]!
  }
  const members = new Map<number, number[]>()
  for (let i = 0; i < n; i++) {
    const at = find(i)
    members.set(at, [...(members.get(at) ?? []), i])
  }
  return [...members.values()].map((rows) => Int32Array.from(rows))
}
