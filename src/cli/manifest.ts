// The package's own description: its version, and where bugs are reported.
import { readFileSync } from 'node:fs'

export interface Manifest {
  version: string
  /** Address for reports of bugs; undefined when package.json names none. */
  bugs: string | undefined
}

let read: Manifest | undefined

/** From package.json, two folders up both in src/ and in dist/. */
export function manifest(): Manifest {
  if (!read) {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
    const json: { version: string; bugs?: string | { url?: string } } = JSON.parse(text)
    read = { version: json.version, bugs: typeof json.bugs === 'string' ? json.bugs : json.bugs?.url }
  }
  return read
}
