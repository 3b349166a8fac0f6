// The options of the scan, its header and the reference stars that go with it.
import { choice, flag, number } from '../parameter.ts'

const SCAN = 'Scan and header'

export const SCAN_OPTIONS = {
  polarity: choice({
    flag: '--polarity',
    placeholder: 'WORD',
    group: SCAN,
    words: ['negative', 'positive'],
    default: 'negative',
    text: 'Whether the stars are darker (negative) or brighter (positive) than the sky.',
  }),
  values: choice({
    flag: '--values',
    placeholder: 'WORD',
    group: SCAN,
    words: ['transmission', 'density'],
    default: 'transmission',
    text: 'What the pixel values are proportional to.',
  }),
  bits: choice({
    flag: '--bits',
    placeholder: 'N',
    group: SCAN,
    words: ['16', '8'],
    default: '16',
    text: 'Bits of a pixel value; both are unsigned.',
  }),
  header: choice({
    flag: '--header',
    placeholder: 'WORD',
    group: SCAN,
    words: ['full', 'none', 'wrong'],
    default: 'full',
    text: 'The header: as an archive writes it, without anything on the plate, or with errors such as archives have.',
  }),
  referenceLimit: number({
    flag: '--reference-limit',
    placeholder: 'MAG',
    group: SCAN,
    unit: 'mag',
    default: undefined,
    defaultText: '2 mag below the limit of the plate, at most 21',
    min: 5,
    max: 22,
    text: 'Faintest G magnitude in the file of reference stars.',
  }),
  wcs: flag({
    flag: '--wcs',
    group: SCAN,
    text: 'Write the linear part of the true solution into the header, as a plate that was solved before has it.',
  }),
}
