// What can be wrong with what was detected.
import type { Issue } from '../issues.ts'

export const DETECTION_ISSUES = {
  EXTRACT_FAILED: {
    severity: 'fatal',
    sentence: 'The extraction of detections failed.',
    nextStep: 'Read the message of the program in run.json; platepipe doctor checks the installation.',
  },
  EXTRACT_OVERFLOW: {
    severity: 'warn',
    sentence: 'SExtractor ran out of its buffers on this scan and may have missed objects.',
    nextStep: 'Raise --detect-sigma, or cut the scan.',
  },
  NO_DETECTIONS: {
    severity: 'fatal',
    sentence: 'Nothing was detected on the plate.',
    nextStep:
      'Look at the scan: its polarity (--polarity), its extension (--hdu), and whether it is exposed at all.',
  },
} as const satisfies Record<string, Issue>
