// What can be wrong with the pixels of a scan.
import type { Issue } from '../issues.ts'

export const SCAN_ISSUES = {
  SCAN_TRUNCATED: {
    severity: 'warn',
    sentence: 'The scan file is shorter than its header says or is damaged in places.',
    nextStep: 'Copy or download the scan again and compare its size.',
  },
  CONSTANT_IMAGE: {
    severity: 'fatal',
    sentence: 'Every pixel of the scan has the same value.',
    nextStep: 'Check that the right file, and the right extension (--hdu), was given.',
  },
  ALL_BLANK: {
    severity: 'fatal',
    sentence: 'No pixel of the scan has a value: all are blank or not a number.',
    nextStep: 'Check that the right file, and the right extension (--hdu), was given.',
  },
  TOO_SMALL: {
    severity: 'fatal',
    sentence: 'The scan is too small to hold enough stars.',
    nextStep: 'Give a larger part of the plate.',
  },
  NO_USABLE_AREA: {
    severity: 'fatal',
    sentence: 'No part of the scan looks like exposed emulsion.',
    nextStep: 'Look at the scan; a scan that is clipped or almost empty cannot be reduced.',
  },
  AREA_MASKED: {
    severity: 'info',
    sentence:
      'Parts of the scan are not exposed emulsion (rebate, holder, paper, clipped or blank) and were left out.',
    nextStep: 'Compare the masked part with the preview in the report.',
  },
  BLANK_PIXELS: {
    severity: 'info',
    sentence: 'Some pixels of the scan have no value; they were filled with the sky and left out.',
    nextStep: 'Nothing is needed, unless they are many.',
  },
  POLARITY_UNSURE: {
    severity: 'warn',
    sentence: 'It is not sure whether the stars are brighter or darker than the sky in the scan.',
    nextStep:
      'Look at the scan and give --polarity positive (bright stars) or --polarity negative (dark stars).',
  },
  POLARITY_OPTION: {
    severity: 'info',
    sentence: 'The polarity given as an option is not the one that was measured.',
    nextStep: 'Look at the scan if nothing is detected on it.',
  },
} as const satisfies Record<string, Issue>
