// Every way a plate can be bad, once: its code, how grave it is, what it means, and what a person can do next.

/** fatal: nothing can be reduced · flag: a person must look · warn: reduced with less trust · info: noted. */
export type Severity = 'fatal' | 'flag' | 'warn' | 'info'

interface Issue {
  severity: Severity
  /** What the code means, one sentence. */
  sentence: string
  /** What to do next, one sentence that names the option that helps. */
  nextStep: string
}

/** The dictionary behind solution.json's `reasons`, the report and docs/issues.md. */
export const ISSUES = {
  // The header
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
    nextStep: 'Give --scale ARCSEC_PER_PIXEL, or LOW,HIGH, to make the solution faster and surer.',
  },
  EXPOSURE_INVALID: {
    severity: 'info',
    sentence: 'An exposure time in the header is impossible and was dropped.',
    nextStep: 'Nothing is needed, unless the time of mid-exposure matters to you.',
  },
  METHOD_NOT_SINGLE: {
    severity: 'flag',
    sentence: 'The logbook says that the plate is not one direct exposure.',
    nextStep: 'Look at the plate; if it is a direct exposure after all, reduce it with --method 1.',
  },
  NUMEXP_NOT_ONE: {
    severity: 'flag',
    sentence: 'The logbook says that the plate holds more than one exposure.',
    nextStep: 'Look at the plate; if it holds one exposure after all, reduce it with --method 1.',
  },
  // The scan
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
  // Detections
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
  TOO_FEW_STARS: {
    severity: 'flag',
    sentence: 'Too few detections look like stars.',
    nextStep: 'Look at the plate: it may be nearly empty, out of focus, or not a direct exposure.',
  },
  TRAILED: {
    severity: 'flag',
    sentence: 'The images of the stars are trailed.',
    nextStep: 'Look at the plate; places on it depend on what the telescope did.',
  },
  MULTI_EXPOSURE: {
    severity: 'flag',
    sentence: 'The stars repeat at a fixed offset: the plate holds more than one exposure.',
    nextStep: 'Look at the plate; one solution is wanted for each exposure.',
  },
  // Reference stars
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
    sentence: 'The catalogue gives no errors; typical ones were assumed.',
    nextStep: 'Give a catalogue with error columns if the errors of the places matter to you.',
  },
  // Solution
  UNSOLVED: {
    severity: 'fatal',
    sentence: 'No place on the sky was found for the plate.',
    nextStep:
      'Give what is known with --ra, --dec, --radius and --scale, or reference stars with --catalog FILE.',
  },
  CHANCE_MATCH: {
    severity: 'fatal',
    sentence: 'The stars of the plate match the catalogue no better than they match a shifted one.',
    nextStep: 'The solution is false; give what is known with --ra, --dec, --radius and --scale.',
  },
  FIT_POOR: {
    severity: 'warn',
    sentence: 'The residuals of the plate constants are larger than the images allow.',
    nextStep: 'Look at the residual map in the report.',
  },
  HELDOUT_POOR: {
    severity: 'warn',
    sentence: 'Stars that took no part in the fit agree with it less well than those that did.',
    nextStep: 'Look at the residual map in the report; a fuller catalogue helps.',
  },
  SOLUTION_REJECTED: {
    severity: 'fatal',
    sentence: 'A solution was found but a check rejected it, so it is not published as reduced.',
    nextStep: 'Read the other reasons; each names its evidence.',
  },
  CONFLICT_PLACE: {
    severity: 'warn',
    sentence: 'The solution lies elsewhere than the header says.',
    nextStep: 'Check the logbook: plates are mislabelled; the stars are right.',
  },
  CONFLICT_MIRROR: {
    severity: 'flag',
    sentence: 'The solution is the mirror image of the one in the header, which agrees with it otherwise.',
    nextStep: 'See whether the scan was flipped after its header was written, or the catalogue is mirrored.',
  },
  SCAN_FLIPPED: {
    severity: 'warn',
    sentence: 'The scan is mirrored against the solution in its header; the catalogue is confirmed.',
    nextStep: 'Correct the solution in the header; the result holds for the scan as it is.',
  },
  CONFLICT_SCALE: {
    severity: 'warn',
    sentence: 'The scale of the solution is not the one that was expected.',
    nextStep: 'Check the pixel size and the plate scale in the logbook; the stars are right.',
  },
  WRONG_EPOCH: {
    severity: 'flag',
    sentence: 'The proper motions of the stars contradict the date in the header: places are not trusted.',
    nextStep: 'Look the date up in the logbook; an epoch given with --epoch YEAR is not overruled.',
  },
  CONFLICT_EPOCH: {
    severity: 'warn',
    sentence: 'The proper motions of the stars point to another date than the header does.',
    nextStep: 'Check the logbook, and give the date with --epoch YEAR.',
  },
  WCS_APPROXIMATE: {
    severity: 'info',
    sentence: 'The WCS files only approximate the plate constants, which are no polynomial here.',
    nextStep: 'Take places from catalogue.fits, which has the full model, where that is not enough.',
  },
} as const satisfies Record<string, Issue>

export type IssueCode = keyof typeof ISSUES

/** One thing that was seen on one plate: what, in numbers. */
export interface Reason {
  code: IssueCode
  severity: Severity
  /** What was seen on this plate, a sentence with numbers. */
  text: string
  /** The numbers behind the sentence; JSON values only. */
  evidence: Record<string, unknown>
}

/** A reason with the severity that the table gives its code. */
export function reason(code: IssueCode, text: string, evidence: Record<string, unknown> = {}): Reason {
  return { code, severity: ISSUES[code].severity, text, evidence }
}
