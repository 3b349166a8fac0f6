// What to type to install a missing program, on the system at hand.
import { existsSync } from 'node:fs'
import { platform } from 'node:os'

/** The names of one piece of software in the package collections that have it. */
export interface Package {
  apt: string
  brew: string
  conda: string
}

export const PACKAGES = {
  sextractor: { apt: 'source-extractor', brew: 'sextractor', conda: 'astromatic-source-extractor' },
  astrometry: { apt: 'astrometry.net', brew: 'astrometry-net', conda: 'astrometry' },
  cfitsio: { apt: 'libcfitsio-bin', brew: 'cfitsio', conda: 'cfitsio' },
} as const satisfies Record<string, Package>

/** Where indexes come from when there is no package of them. */
export const INDEX_SOURCE = 'http://data.astrometry.net/4100/ (index-4107 to index-4119, 340 MB)'

function hasApt(): boolean {
  return platform() === 'linux' && existsSync('/usr/bin/apt-get')
}

/** One command line, or on an unknown system the ways that there are. */
export function installCommand(wanted: Package): string {
  if (hasApt()) return `sudo apt-get install ${wanted.apt}`
  if (platform() === 'darwin') return `brew install ${wanted.brew}`
  return `conda install -c conda-forge ${wanted.conda} (or your distribution's package)`
}

/** How to get indexes that cover the whole sky. */
export function indexCommand(): string {
  return hasApt()
    ? 'sudo apt-get install astrometry-data-tycho2'
    : `download ${INDEX_SOURCE} into a folder and name it with --index-dir or $PLATEPIPE_INDEX_DIR`
}
