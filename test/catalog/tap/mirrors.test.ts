// The mirrors as data: the file that is shipped, the choice of the user, and what is refused.
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { expect, test } from 'vitest'
import { STORED_NAMES } from '../../../src/catalog/store/star-table.ts'
import { allMirrors, chooseMirrors, parseMirrors } from '../../../src/catalog/tap/mirrors.ts'
import { openGaia } from '../../../src/catalog/tap/open.ts'
import { UserError } from '../../../src/errors.ts'
import { QUICK } from '../../tap/settings.ts'

test('the mirrors are tried in this order, each with both releases', () => {
  expect(allMirrors().map(({ name }) => name)).toEqual(['ESA', 'AIP', 'ARI', 'GAVO', 'VizieR'])
  for (const { name, url, releases } of allMirrors()) {
    expect(Object.keys(releases), name).toEqual(['gaia-dr2', 'gaia-dr3'])
    expect(url, name).toMatch(/^https:\/\/.*[^/]$/)
  }
})

test('VizieR has a name of its own for every stored column, quoted as ADQL wants it', () => {
  for (const table of Object.values(chooseMirrors('vizier')[0]!.releases)) {
    expect(Object.keys(table.columns)).toEqual(STORED_NAMES)
    for (const name of [...Object.values(table.columns), ...table.tables]) expect(name).toMatch(/^"[^"]+"$/)
    expect(new Set(Object.values(table.columns)).size).toBe(STORED_NAMES.length)
  }
})

test('a mirror is chosen by name in any case, or by address, which has the names of Gaia', () => {
  expect(chooseMirrors(undefined)).toHaveLength(5)
  expect(chooseMirrors('gavo').map(({ name }) => name)).toEqual(['GAVO'])
  const [own] = chooseMirrors('http://localhost:8080/tap')
  expect(own).toMatchObject({ name: 'http://localhost:8080/tap', url: 'http://localhost:8080/tap' })
  expect(own!.releases['gaia-dr2']).toEqual({ tables: ['gaiadr2.gaia_source'], columns: {} })
  expect(own!.releases['gaia-dr3']).toEqual({ tables: ['gaiadr3.gaia_source'], columns: {} })
})

test.each(['Gaia', '', 'ftp://somewhere/tap', 'https://', 'localhost:8080/tap'])(
  'the mirror "%s" is refused with the names that there are',
  (choice) => {
    const error = (() => {
      try {
        return chooseMirrors(choice)
      } catch (each) {
        return each as UserError
      }
    })()
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).todo).toContain('ESA, AIP, ARI, GAVO, VizieR')
  },
)

test('a file that names what is not there is refused', () => {
  const file = JSON.parse(readFileSync('catalogs/mirrors.json', 'utf8'))
  expect(parseMirrors(file)).toEqual(allMirrors())
  const [first] = file.mirrors
  const release = { tables: ['t'], columns: 'elsewhere' }
  const wrong = [
    { ...file, mirrors: [] },
    { ...file, columns: { vizier: { raa: '"RA"' } } },
    { ...file, mirrors: [{ ...first, url: 'gea.esac.esa.int/tap' }] },
    { ...file, mirrors: [{ ...first, releases: { 'gaia-dr9': { tables: ['t'] } } }] },
    { ...file, mirrors: [{ ...first, releases: { 'gaia-dr2': { tables: [] } } }] },
    { ...file, mirrors: [{ ...first, releases: { 'gaia-dr2': release } }] },
  ]
  for (const each of wrong) expect(() => parseMirrors(each), JSON.stringify(each).slice(0, 200)).toThrow()
})

/** An address where nobody listens any more. */
async function closedAddress(): Promise<string> {
  const server = await new Promise<Server>((resolve) => {
    const made = createServer().listen(0, '127.0.0.1', () => resolve(made))
  })
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}/tap`
}

test('a fault that all mirrors share is told once', async () => {
  const urls = [await closedAddress(), await closedAddress()]
  const opening = openGaia({
    release: 'gaia-dr2',
    mirrors: urls.flatMap((url) => chooseMirrors(url)),
    version: '1.2.3',
    settings: QUICK,
  })
  await expect(opening).rejects.toThrow(
    `no service of Gaia's stars could be used: ${urls.join(', ')}: the connection was refused`,
  )
})
