// Why a plate is not one direct exposure of stars: what the logbook says, what the stars show before any solution, and
// what a solution brings to light.
import type { Issue } from '../issues.ts'

const ALL_ASKED =
  'Every exposure was asked for already: look at the plate, and read what else is said of its exposures.'

export const EXPOSURE_ISSUES = {
  // The logbook
  METHOD_NOT_SINGLE: {
    severity: 'flag',
    sentence: 'The logbook says that the plate is not one direct exposure.',
    nextStep: 'Look at the plate; if it is a direct exposure after all, reduce it with --method 1.',
  },
  NUMEXP_NOT_ONE: {
    severity: 'flag',
    sentence: 'The logbook says that the plate holds more than one exposure.',
    nextStep:
      'Reduce every exposure with platepipe reduce SCAN --exposures auto; if there is only one after all, with --method 1.',
    afterwards:
      'Every exposure was asked for already: look at the plate; if there is only one after all, reduce it with --method 1.',
  },
  EXPOSURES_DISAGREE: {
    severity: 'flag',
    sentence: 'The logbook and the stars do not agree on how the plate was exposed.',
    nextStep: 'Look at the plate and at the logbook; where the logbook is wrong, correct it with --method.',
    afterwards:
      'Look at the plate: it does not look as --method says; leave --method out, and with --exposures auto every exposure that it shows is reduced.',
  },
  // More than one exposure
  MULTI_EXPOSURE: {
    severity: 'flag',
    sentence: 'The stars repeat at a fixed offset: the plate holds more than one exposure.',
    nextStep: 'Reduce every exposure with platepipe reduce SCAN --exposures auto.',
    afterwards: ALL_ASKED,
  },
  TOUCHING_EXPOSURES: {
    severity: 'flag',
    sentence: 'Every star is double at one small distance: the plate holds exposures that touch each other.',
    nextStep:
      'Look at the plate; --exposures auto parts the exposures where their images can be parted, but does not vouch for their places.',
    afterwards: 'Look at the plate: where images touch, --exposures auto does not vouch for their places.',
  },
  WEDGE_GHOST: {
    severity: 'flag',
    sentence: 'Every bright star has a faint companion at one offset: the ghost of a Pickering wedge.',
    nextStep: 'Reduce the stars without their ghosts with platepipe reduce SCAN --exposures auto.',
    afterwards: ALL_ASKED,
  },
  RESEAU: {
    severity: 'info',
    sentence: 'A réseau was exposed on the plate: a grid of marks to measure it by.',
    nextStep: 'Nothing is needed: its marks were not taken for exposures of stars.',
  },
  // Not stars as points
  TRAILED: {
    severity: 'flag',
    sentence: 'The images of the stars are trails of one length and direction.',
    nextStep: 'Look at the plate; a place on it depends on what the telescope did during the exposure.',
  },
  SPECTRA: {
    severity: 'flag',
    sentence: 'The stars are drawn out into spectra: an objective prism was in the beam.',
    nextStep: 'Look at the plate; it serves for spectra, not for places.',
  },
  GRATING: {
    severity: 'flag',
    sentence: 'Bright stars have a pair of companions, one on either side: a grating was in the beam.',
    nextStep: 'Look at the plate; if the grating does no harm, reduce it with --method 1.',
  },
  OUT_OF_FOCUS: {
    severity: 'flag',
    sentence: 'The images of the stars are discs or rings: the plate is out of focus.',
    nextStep:
      'Look at the plate; if its images are round and whole, try --method 1, and do not trust faint stars.',
  },
  TOO_FEW_STARS: {
    severity: 'flag',
    sentence: 'Too few detections look like stars.',
    nextStep: 'Look at the plate: it may be nearly empty, out of focus, or not a direct exposure.',
  },
  NEBULA: {
    severity: 'flag',
    sentence: 'Bright cloud fills a large part of the plate.',
    nextStep: 'Look at the plate; if there are stars enough outside the cloud, reduce it with --method 1.',
  },
  MOON: {
    severity: 'flag',
    sentence: 'A blackened disc far larger than any star lies on the plate, in a glow that spreads from it.',
    nextStep:
      'Look at the plate: it may show the Moon; if there are stars enough, reduce it with --method 1.',
  },
  BRIGHT_OBJECT: {
    severity: 'flag',
    sentence: 'The plate shows an extended object that is no star: a planet or a comet.',
    nextStep: 'Look at the plate; if only the stars around the object matter, reduce it with --method 1.',
  },
  // Seen only once there is a solution
  EXPOSURES_UNSOLVED: {
    severity: 'flag',
    sentence: 'Not every exposure of the plate was solved.',
    nextStep: 'Look at the plate; what was solved is in the catalogue, with the number of its exposure.',
  },
  EXPOSURE_DATES_UNSURE: {
    severity: 'warn',
    sentence: 'The logbook has several dates, and not every exposure could be given its own.',
    nextStep:
      'Nothing is needed where the dates are close; else reduce with --epoch YEAR for the exposure you want.',
  },
  BRIGHT_UNMATCHED: {
    severity: 'flag',
    sentence: 'Too many of the bright stars on the plate are not among the reference stars.',
    nextStep:
      'Look at the plate: it may hold a second exposure (platepipe reduce SCAN --exposures auto), or the catalogue lacks stars.',
    afterwards:
      'Every exposure was asked for already: look at the plate, or give a fuller catalogue with --catalog FILE.',
  },
  SECOND_PATTERN: {
    severity: 'flag',
    sentence: 'The stars that were not matched fit the reference stars at another place: a second exposure.',
    nextStep: 'Reduce every exposure with platepipe reduce SCAN --exposures auto.',
    afterwards: ALL_ASKED,
  },
  SPLIT_SOLUTION: {
    severity: 'flag',
    sentence: 'The residuals lie in two clumps: the solution goes through the middle of two exposures.',
    nextStep: 'Reduce every exposure with platepipe reduce SCAN --exposures auto.',
    afterwards: ALL_ASKED,
  },
} as const satisfies Record<string, Issue>
