// What can be wrong with what the header and the logbook say.
import type { Issue } from '../issues.ts'

export const HEADER_ISSUES = {
  HEADER_BROKEN_CARDS: {
    severity: 'info',
    sentence: 'Some header cards do not follow the FITS standard and were not read.',
    nextStep: 'Check that the place, date and scale below are right, or give them as options.',
  },
  DATE_INVALID: {
    severity: 'warn',
    sentence: 'A date in the header cannot be the date of a plate and was dropped.',
    nextStep: 'Give the epoch with --epoch YEAR (for instance --epoch 1951.91) if the logbook has it.',
  },
  DATE_AMBIGUOUS: {
    severity: 'info',
    sentence: 'A date in the header can be read in more than one way.',
    nextStep: 'If the reading chosen is wrong, give the epoch with --epoch YEAR.',
  },
  DATE_CONFLICT: {
    severity: 'warn',
    sentence: 'Two dates in the header disagree.',
    nextStep: 'Look the date up in the logbook and give it with --epoch YEAR.',
  },
  TIME_INVALID: {
    severity: 'info',
    sentence: 'The time of day in the header is impossible or not UT; the date was kept, the time dropped.',
    nextStep: 'Nothing is needed: half a day moves a star of 1 arcsec per year by 1 mas.',
  },
  EPOCH_UNKNOWN: {
    severity: 'warn',
    sentence: 'The epoch of the plate is not known.',
    nextStep: 'Give it with --epoch YEAR; without it the reference stars cannot be moved to the plate.',
  },
  EPOCH_FITTED: {
    severity: 'info',
    sentence: 'The epoch of the plate was found from the proper motions of its stars.',
    nextStep: 'Nothing is needed; if the logbook has the date, give it with --epoch YEAR.',
  },
  EPOCH_IS_EQUINOX: {
    severity: 'info',
    sentence: 'The EPOCH card holds the equinox of the coordinates, not the epoch of the plate.',
    nextStep: 'Nothing is needed, if the date that was used is right.',
  },
  PLACE_INVALID: {
    severity: 'warn',
    sentence: 'A place in the header is out of range or cannot be read, and was dropped.',
    nextStep: 'Give the place with --ra and --dec, in degrees.',
  },
  PLACE_CONFLICT: {
    severity: 'info',
    sentence: 'Two places in the header disagree.',
    nextStep: 'If the place chosen is wrong, give it with --ra, --dec and --radius.',
  },
  PLACE_PRECESSED: {
    severity: 'info',
    sentence: 'The place in the header is of an old equinox and was precessed to J2000, to a few arcseconds.',
    nextStep: 'Nothing is needed: the place is only a hint for the solver.',
  },
  PLACE_UNKNOWN: {
    severity: 'info',
    sentence: 'The header does not say where the plate points.',
    nextStep: 'Give --ra, --dec and --radius in degrees to make the solution faster and surer.',
  },
  SCALE_INVALID: {
    severity: 'warn',
    sentence: 'A pixel size, plate scale or focal length in the header is impossible and was dropped.',
    nextStep: 'Give the scale with --scale ARCSEC_PER_PIXEL.',
  },
  SCALE_CONFLICT: {
    severity: 'info',
    sentence: 'Two scales in the header disagree.',
    nextStep: 'If the scale chosen is wrong, give it with --scale ARCSEC_PER_PIXEL.',
  },
  SCALE_UNKNOWN: {
    severity: 'info',
    sentence: 'The header does not say how large a pixel is on the sky.',
    nextStep: 'Give --scale ARCSEC_PER_PIXEL, or LOW-HIGH, to make the solution faster and surer.',
  },
  EXPOSURE_INVALID: {
    severity: 'info',
    sentence: 'An exposure time in the header is impossible and was dropped.',
    nextStep: 'Nothing is needed, unless the time of mid-exposure matters to you.',
  },
} as const satisfies Record<string, Issue>
