// platepipe catalog info and verify as a user types them.
import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { platepipe } from '../../support/cli.ts'
import { fill, starsInCell, storeOf } from '../store/stars.ts'

let made: Awaited<ReturnType<typeof storeOf>>
beforeAll(async () => {
  made = await storeOf([0, 5], 500)
})
afterAll(() => made.remove())

const utf8 = { env: { LC_ALL: 'C.UTF-8' } }

describe('platepipe catalog info', () => {
  it('says what is there, with a map in blocks where the terminal has them', async () => {
    const { status, stdout } = await platepipe(['catalog', 'info', '--catalog', made.root], utf8)
    expect(status).toBe(0)
    expect(stdout).toMatch(/^gaia-dr2, epoch J2015\.5: 1\u202f000 stars, /)
    expect(stdout).toContain('█')
    expect(stdout).toMatch(/^every star +6\u202f875 deg², 17 % of the sky$/m)
    const plain = await platepipe(['catalog', 'info', '--catalog', made.root], { env: { LC_ALL: 'C' } })
    expect(plain.stdout).not.toMatch(/[░▒▓█·]/)
  })

  it('takes the store from the environment, and writes the map', async () => {
    const svg = join(made.root, 'map.svg')
    const run = await platepipe(['catalog', 'info', '--svg', svg, '-q'], {
      env: { PLATEPIPE_CATALOG: made.root },
    })
    expect(run).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(await readFile(svg, 'utf8')).toMatch(/^<svg /)
    const failed = await platepipe(['catalog', 'info', '--catalog', made.root, '--svg', '/nowhere/map.svg'])
    expect(failed.status).toBe(2)
    expect(failed.stderr).toContain('give another file with --svg')
  })

  it('is one JSON document with --json', async () => {
    const { stdout } = await platepipe(['catalog', 'info', '--catalog', made.root, '--json'])
    const { releases } = JSON.parse(stdout)
    expect(releases).toHaveLength(1)
    expect(releases[0]).toMatchObject({
      release: 'gaia-dr2',
      stars: 1000,
      tiles: { count: 2 },
      indexes: { count: 0 },
    })
    expect(releases[0].coverage[0]).toMatchObject({ limit_mag: null, moc: '0/0,5 12/' })
    expect(releases[0].counts.at(-1)).toEqual({ limit_mag: null, stars: 1000 })
  })

  it('says how to fill a store where there is none, or not of that release', async () => {
    const none = await platepipe(['catalog', 'info', '--catalog', '/nowhere'])
    expect([none.status, none.stdout]).toEqual([2, ''])
    expect(none.stderr).toMatch(
      /no store of reference stars in \/nowhere\n {2}→ fill it with platepipe catalog fetch/,
    )
    const other = await platepipe(['catalog', 'verify', '--catalog', made.root, '--release', 'gaia-dr3'])
    expect(other.status).toBe(2)
    expect(other.stderr).toContain('holds gaia-dr2, but not gaia-dr3')
  })
})

describe('platepipe catalog verify', () => {
  it('finds a damaged tile with status 2, drops it with --repair, and is content then', async () => {
    const root = await mkdtemp(join(tmpdir(), 'platepipe-verify-'))
    try {
      for (const pixel of [3, 4]) {
        const cell = { order: 0, pixel }
        await fill(join(root, 'gaia-dr2'), [{ cell, stars: starsInCell(pixel, cell, 100) }])
      }
      const verify = (...more: string[]) => platepipe(['catalog', 'verify', '--catalog', root, ...more])
      expect(await verify('-q')).toEqual({ status: 0, stdout: '', stderr: '' })

      const tiles = join(root, 'gaia-dr2/tiles')
      const name = (await readdir(tiles)).find((file) => file.startsWith('N00-3-'))!
      await truncate(join(tiles, name), 100)
      const found = await verify()
      expect(found.status).toBe(2)
      expect(found.stdout).toMatch(
        /^damaged {2}\S+ \(cell 0\/3, 100 stars\): it has 100 bytes instead of \d+\n$/,
      )
      expect(found.stderr).toMatch(/of 2 tiles 1 is damaged: .*\n {2}→ platepipe catalog verify --repair/)

      const repaired = await verify('--repair')
      expect(repaired.status).toBe(0)
      expect(repaired.stdout).toMatch(
        /repaired gaia-dr2: 1 tile with 100 stars dropped\n +fetch or import again 8\.3 % of the sky/,
      )
      const after = await verify('--json')
      expect(after.status).toBe(0)
      const result = after.stdout
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text))
        .at(-1)
      expect(result).toMatchObject({ event: 'result', sound: true, tiles: 1, stars: 100 })
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  })
})
