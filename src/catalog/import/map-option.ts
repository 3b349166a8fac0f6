// --map stored=theirs[,…]: which column of a file is which column of the store, where its name does not say so.
import { UserError } from '../../errors.ts'
import type { GivenNames, MappedColumns, Role } from '../columnmap.ts'
import { STORED_NAMES } from '../store/star-table.ts'
import { ROLES } from './roles.ts'

/** By the store's name, `ref_epoch` too: the name in the file. */
export type ColumnNames = ReadonlyMap<string, string>

const KNOWN = [...STORED_NAMES, 'ref_epoch']

/**
 * Reads the value of --map, such as `ra=ALPHA_J2000,dec=DELTA_J2000,phot_g_mean_mag=G`.
 * @throws UserError: no pair, a name that the store does not have, a name given twice.
 */
export function parseColumnNames(text: string): Map<string, string> {
  const names = new Map<string, string>()
  for (const pair of text.split(',')) {
    const [stored = '', ...rest] = pair.split('=')
    const ours = stored.trim()
    const theirs = rest.join('=').trim()
    if (ours === '' || theirs === '') {
      throw new UserError(
        `"${pair}" in --map is not a pair of names`,
        'give pairs such as --map ra=ALPHA_J2000,dec=DELTA_J2000',
      )
    }
    if (!KNOWN.includes(ours)) {
      throw new UserError(
        `the store has no column ${ours}, which --map names`,
        `name one of ${KNOWN.join(', ')} before the =`,
      )
    }
    if (names.has(ours)) {
      throw new UserError(`--map names ${ours} twice`, 'give one column of the file for it')
    }
    names.set(ours, theirs)
  }
  return names
}

/** The same by what the columns are. */
export function rolesGiven(names: ColumnNames): Map<Role, string> {
  return new Map([...names].map(([stored, theirs]) => [ROLES[stored as keyof typeof ROLES], theirs]))
}

/** @throws UserError where --map makes one column of the file two of the store. */
export function refuseShared({ roles }: MappedColumns, given: GivenNames, path: string): void {
  const storedAs = (role: Role) => Object.entries(ROLES).find(([, known]) => known === role)?.[0] ?? role
  for (const role of given.keys()) {
    const column = roles.get(role)
    const other = [...roles].find(([name, { index }]) => name !== role && index === column?.index)?.[0]
    if (column === undefined || other === undefined) continue
    throw new UserError(
      `with --map the column ${column.name} of ${path} is both ${storedAs(role)} and ${storedAs(other)}`,
      'give each of them a column of its own in --map',
    )
  }
}
