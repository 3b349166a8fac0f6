// Places on the plate, to be looked up by where they are. What is found is their index in the list that was given.
import KDBush from 'kdbush'

export function placeTree(places: readonly { x: number; y: number }[]): KDBush {
  const tree = new KDBush(places.length)
  for (const { x, y } of places) tree.add(x, y)
  return tree.finish()
}

/** The places of some rows of two columns; of all of them where no rows are given. */
export function columnTree(x: ArrayLike<number>, y: ArrayLike<number>, rows?: ArrayLike<number>): KDBush {
  const { length } = rows ?? x
  const tree = new KDBush(length)
  for (let k = 0; k < length; k++) {
    const row = rows === undefined ? k : rows[k]!
    tree.add(x[row]!, y[row]!)
  }
  return tree.finish()
}
