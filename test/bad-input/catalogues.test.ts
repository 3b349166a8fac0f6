// Catalogues of reference stars that cannot serve. Those that can be told at once end the run; those that do not suit
// the plate are a finding about the plate, and its detections are published.
import { execFileSync } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, it } from 'vitest'
import { type Case, expectRefusal, fieldTrials, type Ground } from './trial.ts'

const { ground } = fieldTrials('catalogues')

const withCatalogue = (ground: Ground, path: string) => [ground.scan, '--catalog', path]

/** The lines of the good catalogue, changed, as a catalogue of its own. */
async function changed(at: Ground, change: (lines: string[]) => string[]): Promise<string[]> {
  const lines = (await readFile(at.stars, 'utf8')).trimEnd().split('\n')
  return withCatalogue(at, await at.write('bad.csv', `${change(lines).join('\n')}\n`))
}

const cases: Case[] = [
  {
    name: 'missing',
    args: (at) => withCatalogue(at, join(at.folder, 'gone.csv')),
    found: /the catalogue .*gone\.csv does not exist/,
    todo: /--catalog/,
  },
  {
    name: 'empty',
    args: async (at) => withCatalogue(at, await at.write('bad.csv', '')),
    found: /bad\.csv is empty/,
    todo: /CSV .*Gaia columns/,
  },
  {
    name: 'without stars',
    args: (at) => changed(at, (lines) => lines.slice(0, 1)),
    found: /has columns but no stars/,
    todo: /./,
  },
  {
    name: 'without proper motions',
    args: (at) => changed(at, (lines) => [lines[0]!.replaceAll('pm', 'speed_'), ...lines.slice(1)]),
    found: /has no proper motions .* cannot be moved to the plate's epoch/,
    todo: /pmra/,
  },
  {
    name: 'cut off in its gzip',
    args: async (at) => {
      const zipped = gzipSync(await readFile(at.stars))
      return withCatalogue(at, await at.write('bad.csv.gz', zipped.subarray(0, zipped.length / 2)))
    },
    found: /cannot be unpacked/,
    todo: /cut short/,
  },
  {
    name: 'the scan itself',
    args: (at) => withCatalogue(at, at.scan),
    found: /plate\.fits has no binary table/,
    todo: /./,
  },
  {
    name: 'a folder that is no store',
    args: async (at) => {
      await mkdir(join(at.folder, 'gaia', 'letters'), { recursive: true })
      return withCatalogue(at, join(at.folder, 'gaia'))
    },
    found: /the folder .*gaia holds no store/,
    todo: /--catalog/,
  },
  {
    name: 'a pipe',
    args: (at) => {
      execFileSync('mkfifo', [join(at.folder, 'pipe')])
      return withCatalogue(at, join(at.folder, 'pipe'))
    },
    found: /pipe is a pipe or a device/,
    todo: /./,
    seconds: 5,
  },
  {
    name: 'a pattern that the shell left as it is',
    args: (at) => withCatalogue(at, '*.csv'),
    found: /\*\.csv does not exist/,
    todo: /--catalog/,
  },
]

describe('a catalogue that is', () => {
  it.each(cases)('$name', async (bad) => expectRefusal(await ground(), bad))
})
