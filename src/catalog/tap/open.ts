// Gaia's stars from the first mirror that has them; when one fails for good, from the next.
import { UserError } from '../../errors.ts'
import { type Endpoint, endpointOf } from './endpoint.ts'
import { TapFault } from './faults.ts'
import type { GaiaRelease, GaiaService, RangeOptions } from './gaia-service.ts'
import { type GaiaTable, openGaiaTable } from './gaia-table.ts'
import { allMirrors, type Mirror } from './mirrors.ts'
import { countRange, fetchRange } from './range.ts'
import { TAP_SETTINGS, type TapSettings } from './settings.ts'

export interface OpenGaia extends RangeOptions {
  release: GaiaRelease
  /** Those to try, in this order: `chooseMirrors`. All by default. */
  mirrors?: readonly Mirror[]
  /** Of platepipe: services want to know who asks. */
  version: string
  settings?: Partial<TapSettings>
  /** The form of the tables, as services name it. */
  format?: string
}

/**
 * Finds the first mirror that answers and has the release.
 * @throws UserError when none does, saying of each why; Cancelled
 */
export async function openGaia({ release, version, ...options }: OpenGaia): Promise<GaiaService> {
  const { mirrors = allMirrors(), format } = options
  const settings = { ...TAP_SETTINGS, ...options.settings }
  const endpoints = mirrors.map(({ name, url }) => endpointOf(name, url, version, settings))
  const opened = new Map<number, GaiaTable>()
  let current = 0

  async function tableAt(at: number, range: RangeOptions): Promise<GaiaTable> {
    const table = opened.get(at) ?? (await openGaiaTable(endpoints[at]!, mirrors[at]!, release, range))
    opened.set(at, table)
    return table
  }

  /** From the present mirror on, each once: one that had failed may have come back. */
  async function onSomeMirror<T>(range: RangeOptions, use: (table: GaiaTable) => Promise<T>): Promise<T> {
    const faults: TapFault[] = []
    const first = current
    for (let n = 0; n < mirrors.length; n++) {
      const at = (first + n) % mirrors.length
      try {
        const result = await endpoints[at]!.inTurn(async () => use(await tableAt(at, range)))
        current = at
        return result
      } catch (error) {
        if (!(error instanceof TapFault)) throw error
        faults.push(error)
        const next = mirrors[(at + 1) % mirrors.length]!
        if (n + 1 < mirrors.length) range.onStep?.(`${error.message}; going on with ${next.name}`)
      }
    }
    throw noneLeft(faults)
  }

  const { signal, onStep } = options
  await onSomeMirror({ signal, onStep }, async () => {})
  const endpoint = (): Endpoint => endpoints[current]!
  return {
    get name() {
      return endpoint().name
    },
    get url() {
      return endpoint().url
    },
    release,
    get columnsMissing() {
      return opened.get(current)!.columnsMissing
    },
    countRange: (range, asked = {}) => onSomeMirror(asked, (table) => countRange(table, range, asked)),
    fetchRange: (range, asked = {}) =>
      onSomeMirror(asked, (table) => fetchRange(table, range, { ...asked, format })),
  }
}

function noneLeft(faults: readonly TapFault[]): UserError {
  if (faults.length === 1) return faults[0]!
  return new UserError(
    `no service of Gaia's stars could be used: ${groupedByFault(faults)}`,
    'check the connection of this machine and try again later, or name another service with --mirror',
  )
}

/** Faults begin with the name of their service: those that are alike are told once, `ESA, ARI: the connection was refused`. */
function groupedByFault(faults: readonly TapFault[]): string {
  const services = new Map<string, string[]>()
  for (const { message } of faults) {
    const [service = '', ...rest] = message.split(': ')
    const fault = rest.join(': ')
    services.set(fault, [...(services.get(fault) ?? []), service])
  }
  return [...services].map(([fault, names]) => names.join(', ') + (fault && `: ${fault}`)).join('; ')
}
