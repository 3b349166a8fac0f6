// Which archive wrote the header. Keywords mean different things in different archives: EPOCH is the plate's date in the
// Digitized Sky Survey and the equinox at Harvard; EXPOSURE is in minutes in the one and in seconds elsewhere.

import type { Header } from '../../fits/header.ts'
import type { Plate } from '../../plate.ts'
import { hasCard, textOf } from './cards.ts'

export type Dialect = Plate['dialect']

const SIGNS: [Dialect, (header: Header) => boolean][] = [
  ['supercosmos', (h) => /^supercosmos/i.test(textOf(h, 'INSTRUME') ?? '') || hasCard(h, 'NHKLINES')],
  ['gsss', (h) => hasCard(h, 'PLTRAH') || (hasCard(h, 'AMDX1') && hasCard(h, 'PPO3'))],
  ['dasch', (h) => ['C_SERIES', 'C_PLATE', 'S_PIXSCL'].some((k) => hasCard(h, k))],
  [
    'applause',
    (h) =>
      ['DATEORIG', 'TMS-ORIG', 'RA-ORIG', 'DEC-ORIG', 'PLATENUM', 'NUMEXP', 'WFPDB-ID', 'SCANRES1'].some(
        (k) => hasCard(h, k),
      ),
  ],
]

/** The archive whose habits the header follows; 'plain' where none is recognised. */
export function dialectOf(header: Header): Dialect {
  return SIGNS.find(([, matches]) => matches(header))?.[0] ?? 'plain'
}
