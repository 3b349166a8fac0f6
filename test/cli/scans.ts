// Small scans for tests of the command line: enough of a plate for the first stages, made in milliseconds.
import { mkdtemp, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addCard, type CardValue, emptyHeader } from '../../src/fits/header.ts'
import { createFitsImage } from '../../src/fits/image.ts'

/** A folder of its own for one test, below the system's folder for temporary files. */
export async function testFolder(name: string): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), `platepipe-test-${name}-`)))
}

/** Numbers from 0 to 1 that are the same on every run (Park & Miller 1988, CACM 31, 1192). */
function repeatable(): () => number {
  let state = 20_201
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** Writes a positive 16-bit scan of 300 × 300 pixels with a noisy sky and forty round stars at places without a meaning. */
export async function writeStarryScan(
  path: string,
  sizePx = 300,
  cards: Record<string, CardValue> = {},
): Promise<string> {
  const random = repeatable()
  const stars = Array.from({ length: 40 }, () => ({
    x: 10 + random() * (sizePx - 20),
    y: 10 + random() * (sizePx - 20),
    peak: 300 + 6000 * random() ** 3,
  }))
  const header = emptyHeader()
  for (const [keyword, value] of Object.entries(cards)) addCard(header, keyword, value)
  const sink = await createFitsImage(path, { width: sizePx, height: sizePx, bitpix: 16, header })
  for (let y = 0; y < sizePx; y++) {
    const row = Float64Array.from({ length: sizePx }, () =>
      Math.round(3000 + 40 * (random() + random() + random() - 1.5)),
    )
    for (const star of stars) {
      for (let x = Math.max(0, Math.floor(star.x - 9)); x < Math.min(sizePx, star.x + 9); x++) {
        const r2 = (x - star.x) ** 2 + (y - star.y) ** 2
        if (r2 < 81) row[x] = Math.round(row[x]! + star.peak * Math.exp(-r2 / 4.5))
      }
    }
    await sink.writeRows(row)
  }
  await sink.close()
  return path
}
