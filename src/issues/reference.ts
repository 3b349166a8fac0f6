// What can be wrong with the reference stars.
import type { Issue } from '../issues.ts'

export const REFERENCE_ISSUES = {
  REFERENCE_TYCHO2: {
    severity: 'info',
    sentence: 'No better stars were at hand: Tycho-2 served as reference, without proper motions.',
    nextStep:
      'Fill the store with platepipe catalog fetch or import, or give Gaia stars with --catalog FILE.',
  },
  REFERENCE_TOO_FEW: {
    severity: 'flag',
    sentence: 'Too few reference stars lie on the plate.',
    nextStep: 'Fetch its Gaia stars with platepipe catalog fetch, or give them with --catalog FILE.',
  },
  REFERENCE_NOT_COVERING: {
    severity: 'flag',
    sentence: 'The reference stars do not cover the plate.',
    nextStep: 'Fetch this field with platepipe catalog fetch, or give a catalogue of it with --catalog FILE.',
  },
  REFERENCE_PARTLY_COVERING: {
    severity: 'warn',
    sentence: 'The store has reference stars for a part of the field only.',
    nextStep: 'Fetch the rest with platepipe catalog fetch: outside that part the solution is extrapolated.',
  },
  REFERENCE_SHALLOW: {
    severity: 'warn',
    sentence: 'The store has fewer reference stars in the field than the plate shows.',
    nextStep: 'Fetch fainter ones with platepipe catalog fetch: more pairs carry a better model.',
  },
  REFERENCE_ERRORS_ASSUMED: {
    severity: 'info',
    sentence: 'The catalogue does not say everything: what it lacks was assumed or done without.',
    nextStep: 'Give one that has what is named here with --catalog FILE, if that matters to you.',
  },
} as const satisfies Record<string, Issue>
