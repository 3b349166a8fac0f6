// What can be wrong with a solution.
import type { Issue } from '../issues.ts'

export const SOLUTION_ISSUES = {
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
