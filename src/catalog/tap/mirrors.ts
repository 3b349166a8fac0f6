// The services that have Gaia's stars, by catalogs/mirrors.json: addresses, names of tables and columns are data, not code.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { UserError } from '../../errors.ts'
import { STORED_NAMES, type StoredName } from '../store/star-table.ts'
import { GAIA_RELEASES, type GaiaRelease } from './gaia-service.ts'

/** ADQL names per stored column; what is not named here has Gaia's own name; null: the mirror is known not to have it. */
const columnNames = z.partialRecord(
  z.enum(STORED_NAMES as [StoredName, ...StoredName[]]),
  z.string().nullable(),
)

const release = z.strictObject({
  /** ADQL names under which the table may be found; the first that answers is taken. */
  tables: z.array(z.string()).min(1),
  /** Key of `columns` in the file. */
  columns: z.string().optional(),
})

const mirror = z.strictObject({
  name: z.string().regex(/^\w+$/),
  title: z.string(),
  url: z.url({ protocol: /^https?$/ }),
  /** What the names were checked against. */
  checked: z.string(),
  releases: z.partialRecord(z.enum(GAIA_RELEASES), release),
})

const file = z.strictObject({
  about: z.string(),
  columns: z.record(z.string(), columnNames),
  mirrors: z.array(mirror).min(1),
})

export interface MirrorTable {
  tables: string[]
  columns: Partial<Record<StoredName, string | null>>
}

export interface Mirror {
  name: string
  url: string
  releases: Partial<Record<GaiaRelease, MirrorTable>>
}

/** @throws ZodError, or an error that names the key, where the file is not as it should be */
export function parseMirrors(json: unknown): Mirror[] {
  const { columns, mirrors } = file.parse(json)
  return mirrors.map(({ name, url, releases }) => {
    const tables = Object.entries(releases).map(([key, { tables, columns: key2 = '' }]) => {
      const names = key2 === '' ? {} : columns[key2]
      if (names === undefined)
        throw new Error(`mirrors.json: ${name} names the columns "${key2}", which are not there`)
      return [key, { tables, columns: names }]
    })
    return { name, url, releases: Object.fromEntries(tables) }
  })
}

let read: Mirror[] | undefined

/** All mirrors, in the order in which they are tried. */
export function allMirrors(): Mirror[] {
  const path = new URL('../../../catalogs/mirrors.json', import.meta.url)
  read ??= parseMirrors(JSON.parse(readFileSync(path, 'utf8')))
  return read
}

/**
 * The mirrors to try: all of them, or the one that the user chose, by name (in any case) or by its address. A service
 * given by its address is taken to have the tables and columns under Gaia's own names.
 * @throws UserError for a name that is not known
 */
export function chooseMirrors(choice: string | undefined): Mirror[] {
  if (choice === undefined) return allMirrors()
  const named = allMirrors().find(({ name }) => name.toLowerCase() === choice.toLowerCase())
  if (named) return [named]
  if (!/^https?:\/\/[^/]/i.test(choice) || !URL.canParse(choice)) {
    const names = allMirrors().map(({ name }) => name)
    throw new UserError(
      `"${choice}" is neither a mirror of Gaia's stars that is known nor the address of a service`,
      `give one of ${names.join(', ')}, or the address of a TAP service (https://…/tap) as --mirror`,
    )
  }
  const { username, password, origin, pathname } = new URL(choice)
  if (username !== '' || password !== '') {
    throw new UserError(
      `the address of the service ${origin}${pathname} came with a name or a password, which cannot be sent`,
      'give the address without them: the services of Gaia answer without a login',
    )
  }
  const own = (table: string): MirrorTable => ({ tables: [table], columns: {} })
  const releases = { 'gaia-dr2': own('gaiadr2.gaia_source'), 'gaia-dr3': own('gaiadr3.gaia_source') }
  return [{ name: choice, url: choice, releases }]
}
