// The figures of the store's bench, as tables.

export interface Grown {
  rows: number
  seconds: number
  peakMegabytes: number
  gigabytes: number
  tiles: number
  medianRows: number
}

export interface Search {
  stars: number
  /** From the call to the answer, the manifest read as well. */
  cpuSeconds: number
  /** With the start of Node and the loading of what searches. */
  processSeconds: number
  peakMegabytes: number
}

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
const whole = (value: number): string => Math.round(value).toLocaleString('en')

export function asTable(figures: readonly Grown[]): string {
  const head = ['rows', 'rows/s', 'seconds', 'peak memory, MB', 'store, GB', 'tiles', 'median rows of a tile']
  const lines = figures.map(({ rows, seconds, peakMegabytes, gigabytes, tiles, medianRows }) =>
    line([
      ...[whole(rows), whole(rows / seconds), seconds.toFixed(1), peakMegabytes.toFixed(0)],
      ...[gigabytes.toPrecision(3), whole(tiles), whole(medianRows)],
    ]),
  )
  return [line(head), line(head.map(() => '---')), ...lines].join('\n')
}

export function searchTable(searches: readonly { rows: number; search: Search }[]): string {
  const head = [
    'rows in the store',
    'stars found',
    's of CPU',
    'µs per star',
    's of CPU of the whole process',
    'peak memory, MB',
  ]
  const lines = searches.map(({ rows, search: { stars, cpuSeconds, processSeconds, peakMegabytes } }) =>
    line([
      ...[
        whole(rows),
        whole(stars),
        cpuSeconds.toFixed(3),
        ((cpuSeconds / Math.max(stars, 1)) * 1e6).toFixed(2),
      ],
      processSeconds.toFixed(3),
      peakMegabytes.toFixed(0),
    ]),
  )
  return [line(head), line(head.map(() => '---')), ...lines].join('\n')
}
