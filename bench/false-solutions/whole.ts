// Whole runs of the command with what must not be reduced: a mirrored catalogue (before a header that has a solution: a plate scanned
// through the glass is mirrored, and stars alone cannot tell it from a mirrored sky), another field's, one that is wrong about its
// own epoch by two centuries, and plates that show no star.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bench, command, reduce, whyNot } from '../acceptance/bench.ts'
import { M67, M67_STARS } from '../acceptance/m67.ts'

export interface WholeRun {
  name: string
  exit: number
  seconds: number
  /** Why it was not reduced; what it claims where it was. */
  says: string
}

const SERPENS_STARS = 'gaia/serpens-dr2.csv'
const M67_PLACE = [132.83, 11.8] as const
const SERPENS_PLACE = [235.486, 11.093] as const

/** Enough for any right solution; a wrong one shall not hold the bench up for five minutes. */
const HURRY = ['--solve-cpu', '15', '--solve-time', '45']

type Change = (star: Record<string, number>) => void

/** A copy of a catalogue with its stars changed; cells that are empty stay so. */
function changed(from: string, to: string, change: Change): string {
  const [head = '', ...lines] = readFileSync(from, 'utf8').trim().split('\n')
  const names = head.split(',')
  const columns = ['ra', 'dec', 'pmra', 'pmdec'].map((name) => [name, names.indexOf(name)] as const)
  const rows = lines.map((line) => {
    const cells = line.split(',')
    const known = columns.filter(([, at]) => at >= 0 && cells[at] !== '')
    const star = Object.fromEntries(known.map(([name, at]) => [name, Number(cells[at])]))
    change(star)
    for (const [name, at] of known) cells[at] = String(star[name])
    return cells.join(',')
  })
  writeFileSync(to, `${[head, ...rows].join('\n')}\n`)
  return to
}

const mirroredAbout =
  (raDeg: number): Change =>
  (star) => {
    star.ra = 2 * raDeg - star.ra!
    if (star.pmra !== undefined) star.pmra = -star.pmra
  }

/** The stars of one place at another, their pattern kept. */
const movedTo =
  ([fromRa, fromDec]: readonly [number, number], [toRa, toDec]: readonly [number, number]): Change =>
  (star) => {
    const RAD = Math.PI / 180
    star.ra = toRa + ((star.ra! - fromRa) * Math.cos(star.dec! * RAD)) / Math.cos(toDec * RAD)
    star.dec = star.dec! - fromDec + toDec
  }

/** Where the stars are so many years after the epoch that the catalogue still claims. */
const movedBy =
  (years: number): Change =>
  (star) => {
    const DEG_PER_MAS = 1 / 3.6e6
    star.ra = star.ra! + ((star.pmra ?? 0) * years * DEG_PER_MAS) / Math.cos((star.dec! * Math.PI) / 180)
    star.dec = star.dec! + (star.pmdec ?? 0) * years * DEG_PER_MAS
  }

interface Case {
  name: string
  scan: () => Promise<string>
  catalogue: (scan: string) => string
}

function cases(bench: Bench, seed: number): Case[] {
  const folder = join(bench.out, 'whole', 'plates')
  mkdirSync(folder, { recursive: true })
  const [m67Stars, serpensStars] = [join(bench.shared, M67_STARS), join(bench.shared, SERPENS_STARS)]
  const m67 = async () => join(bench.shared, M67)
  const made = (name: string, options: readonly string[]) => async () => {
    const scan = join(folder, `${name}.fits`)
    const common = ['--name', name, '--seed', String(seed + name.length), '--out', folder]
    const run = existsSync(scan)
      ? { exit: 0, stderr: '' }
      : await command(bench, ['simulate', ...common, ...options])
    if (run.exit !== 0) throw new Error(`simulate ${name}: ${run.stderr}`)
    return scan
  }
  const serpens = (damage: number, more: readonly string[] = []) =>
    made(`serpens-${damage}`, [
      ...['--stars', serpensStars, '--field', '0.6', '--width', '1200', '--epoch', '1931.4', '--wcs'],
      ...['--damage', String(damage), ...more],
    ])
  const flaws = (damage: number, place: readonly [number, number]) =>
    made(`flaws-${damage}`, [
      ...['--stars', 'synthetic', '--density', '0.1', '--limit', '6', '--field', '0.5', '--width', '1200'],
      ...['--ra', String(place[0]), '--dec', String(place[1]), '--damage', String(damage)],
    ])
  const own = (scan: string) => scan.replace(/\.fits$/, '-reference.csv')
  const as = (name: string, change: Change, from?: string) => (scan: string) =>
    changed(from ?? own(scan), join(folder, `${name}.csv`), change)
  const mirrored = mirroredAbout(SERPENS_PLACE[0])
  const toSerpens = movedTo(M67_PLACE, SERPENS_PLACE)
  const kinds: [name: string, scan: () => Promise<string>, change: Change, from?: string][] = [
    ['m67 before its mirrored stars', m67, mirroredAbout(M67_PLACE[0]), m67Stars],
    ['m67 before the stars of Serpens, moved there', m67, movedTo(SERPENS_PLACE, M67_PLACE), serpensStars],
    ['m67 before its stars as of 200 years later', m67, movedBy(200), m67Stars],
    ['m67 before its stars as of 200 years earlier', m67, movedBy(-200), m67Stars],
    ['serpens-3 before its mirrored stars', serpens(3), mirrored],
    ['serpens-3 before the stars of M67, moved there', serpens(3), toSerpens, m67Stars],
    ['serpens-3 before its stars as of 200 years later', serpens(3), movedBy(200)],
    ['serpens-3 before its stars as of 200 years earlier', serpens(3), movedBy(-200)],
    ['serpens-7 before its mirrored stars', serpens(7, ['--mirror']), mirrored],
    ['serpens-7 before the stars of M67, moved there', serpens(7, ['--mirror']), toSerpens, m67Stars],
    ['serpens-7 before its stars as of 200 years later', serpens(7, ['--mirror']), movedBy(200)],
    ...[3, 5, 8].flatMap((damage): [string, () => Promise<string>, Change, string][] => [
      [`flaws-${damage} before the stars of M67`, flaws(damage, M67_PLACE), () => {}, m67Stars],
    ]),
    ['flaws-4 before the stars of Serpens', flaws(4, SERPENS_PLACE), () => {}, serpensStars],
  ]
  return kinds.map(([name, scan, change, from]) => ({
    name,
    scan,
    catalogue: as(name.replace(/\W+/g, '-'), change, from),
  }))
}

/** Runs the cases until the time is used up; what an earlier run left is taken with `again`. */
export async function wholeRuns(
  bench: Bench,
  seed: number,
  minutes: number,
  again: boolean,
): Promise<WholeRun[]> {
  const kept = join(bench.out, `whole-${seed}.json`)
  const runs: WholeRun[] = again && existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : []
  const end = performance.now() + minutes * 60_000
  for (const { name, scan, catalogue } of cases(bench, seed)) {
    if (runs.some((run) => run.name === name)) continue
    if (performance.now() > end) break
    const path = await scan()
    const id = name.replace(/\W+/g, '-')
    const run = await reduce(bench, path, 'whole', id, ['--catalog', catalogue(path), ...HURRY])
    const verdicts = (run.solution?.attempts ?? []).flatMap(({ verdict }) => verdict ?? [])
    const says = [whyNot(run), ...verdicts].join('; ').slice(0, 400)
    runs.push({ name, exit: run.exit ?? -1, seconds: Math.round(run.seconds), says })
    console.error(`${name}: exit ${run.exit}, ${run.seconds.toFixed(0)} s; ${says}`)
    writeFileSync(kept, JSON.stringify(runs, null, 1))
  }
  return runs
}
