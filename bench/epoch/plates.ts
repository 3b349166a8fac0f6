// The plates of the bench on epochs: M67 with its date left aside or falsified, and simulated plates without a date whose stars
// have Gaia's motions.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bench, command } from '../acceptance/bench.ts'
import { M67, M67_STARS } from '../acceptance/m67.ts'

export const M67_EPOCH_YR = 1951.911
const SERPENS_STARS = 'gaia/serpens-dr2.csv'

export interface Dated {
  name: string
  scan: string
  stars: string
  /** Options of reduce, beside the catalogue. */
  options: string[]
  trueYr: number
  /** What the header claims instead; null where it claims nothing, or the truth is left aside. */
  claimedYr: number | null
}

/** M67 without its date, and before headers that are wrong by so many years. */
export function m67Plates(bench: Bench, wrongByYr: readonly number[]): Dated[] {
  const scan = join(bench.shared, M67)
  const stars = join(bench.shared, M67_STARS)
  const common = { stars, trueYr: M67_EPOCH_YR }
  const folder = join(bench.out, 'plates')
  mkdirSync(folder, { recursive: true })
  return [
    { ...common, name: 'm67', scan, options: ['--epoch', 'unknown'], claimedYr: null },
    ...wrongByYr.map((years) => {
      const claimedYr = M67_EPOCH_YR + years
      const name = `m67-${years > 0 ? 'late' : 'early'}-${Math.abs(years)}`
      const copy = join(folder, `${name}.fits`)
      writeFileSync(copy, redated(readFileSync(scan), claimedYr))
      return { ...common, name, scan: copy, options: [], claimedYr }
    }),
  ]
}

const CARD = 80

/** A copy of a FITS file of the Digitized Sky Survey with another date of exposure in its header. */
function redated(file: Buffer, epochYr: number): Buffer {
  const copy = Buffer.from(file)
  const day = new Date(Date.UTC(2000, 0, 1, 12) + (epochYr - 2000) * 365.25 * 86_400_000)
  const cards: Record<string, string> = {
    'DATE-OBS': `'${day.toISOString().slice(0, 10)}'`,
    EPOCH: epochYr.toFixed(3).padStart(20),
  }
  let changed = 0
  for (let at = 0; copy.toString('latin1', at, at + 8).trim() !== 'END'; at += CARD) {
    const value = cards[copy.toString('latin1', at, at + 8).trim()]
    if (value === undefined) continue
    copy.write(`= ${value}`.padEnd(CARD - 8), at + 8, 'latin1')
    changed++
  }
  if (changed !== 2) throw new Error(`${changed} dates were found in the header, not DATE-OBS and EPOCH`)
  return copy
}

const EPOCHS = [1890, 2000] as const
const FIELDS = [
  { stars: SERPENS_STARS, name: 'serpens' },
  { stars: M67_STARS, name: 'm67' },
] as const

/** Simulated plates, their epochs spread over a century, every second one without any header. */
export async function simulatedPlates(bench: Bench, seed: number, count: number): Promise<Dated[]> {
  const folder = join(bench.out, 'plates')
  mkdirSync(folder, { recursive: true })
  const plates: Dated[] = []
  for (let n = 0; n < count; n++) {
    const field = FIELDS[n % FIELDS.length]!
    const trueYr = Number((EPOCHS[0] + ((n + 0.37) / count) * (EPOCHS[1] - EPOCHS[0])).toFixed(2))
    const name = `${field.name}-${Math.floor(trueYr)}-${seed + n}`
    const hasHeader = Math.floor(n / 2) % 2 === 0
    const options: Record<string, string | number> = {
      ...{ name, seed: seed + n, epoch: trueYr, header: hasHeader ? 'full' : 'none' },
      ...{ stars: join(bench.shared, field.stars), polarity: n % 3 === 0 ? 'negative' : 'positive' },
      ...{ field: [0.6, 0.8, 1][n % 3]!, width: 1400, limit: [16, 17, 17.5][Math.floor(n / 3) % 3]! },
      ...{ damage: n % 5, tilt: (n % 4) * 4, rotation: (37 * n) % 360 },
    }
    const scan = join(folder, `${name}.fits`)
    if (!existsSync(scan)) {
      const recipe = join(folder, `${name}.recipe.json`)
      writeFileSync(recipe, JSON.stringify(options))
      const made = await command(bench, ['simulate', '--recipe', recipe, '--out', folder])
      if (made.exit !== 0) throw new Error(`simulate ${recipe}: exit ${made.exit}\n${made.stderr}`)
    }
    const stars = join(folder, `${name}-reference.csv`)
    const unknown = hasHeader ? ['--epoch', 'unknown'] : []
    plates.push({ name, scan, stars, options: unknown, trueYr, claimedYr: null })
  }
  return plates
}
