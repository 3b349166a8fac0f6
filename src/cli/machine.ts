// The machine at hand: what it is, and whether its memory and disk suffice for a scan.
import { readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { availableParallelism, freemem, platform, release, totalmem } from 'node:os'

/** One line of doctor. */
export interface Check {
  label: string
  /** missing: nothing can be reduced · warning: some plates cannot. */
  state: 'ok' | 'warning' | 'missing'
  /** What was found, and what that means. */
  found: string
  /** What to do about it; null when all is well. */
  todo: string | null
}

const GIB = 2 ** 30
const ENOUGH_MEMORY_GIB = 1 // SExtractor took 205 MB for 60,000 stars on 28,644² pixels; the rest is ours
const ENOUGH_DISK_GIB = 5 // three times the 1.64 GB of a full-size scan

function systemName(): string {
  try {
    const named = /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))
    if (named?.[1]) return named[1]
  } catch {
    // not a Linux with this file
  }
  return `${platform()} ${release()}`
}

/** `Debian GNU/Linux 12 (bookworm), Node 20.20.2, 2 processors, 7.8 GiB memory` */
export function machineText(): string {
  const memory = `${(totalmem() / GIB).toFixed(1)} GiB memory`
  return `${systemName()}, Node ${process.versions.node}, ${availableParallelism()} processors, ${memory}`
}

/** Free memory and the free disk below the folder for work files. */
export async function machineChecks(workDir: string): Promise<Check[]> {
  const memoryGib = (platform() === 'linux' ? availableMemory() : freemem()) / GIB
  const checks: Check[] = [
    amount('memory', memoryGib, ENOUGH_MEMORY_GIB, 'free', 'end other programs before reducing a large scan'),
  ]
  const disk = await statfs(workDir).catch(() => undefined)
  if (disk) {
    const gib = (disk.bavail * disk.bsize) / GIB
    checks.push(
      amount(
        'disk',
        gib,
        ENOUGH_DISK_GIB,
        `free in ${workDir}`,
        'choose a larger disk for work files with --tmp-dir',
      ),
    )
  }
  return checks
}

function amount(label: string, gib: number, enough: number, where: string, todo: string): Check {
  const found = `${gib.toFixed(1)} GiB ${where}`
  if (gib >= enough) return { label, state: 'ok', found, todo: null }
  return { label, state: 'warning', found: `${found}; the largest scans need ${enough} GiB`, todo }
}

/** Linux counts its disk cache as used memory; MemAvailable does not. */
function availableMemory(): number {
  try {
    const kib = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))
    if (kib) return Number(kib[1]) * 1024
  } catch {
    // no /proc: fall through
  }
  return freemem()
}
