// Every way a plate can be bad, once: its code, how grave it is, what it means, and what a person can do next.
// The codes stand in src/issues/, by subject.
import { DETECTION_ISSUES } from './issues/detections.ts'
import { EXPOSURE_ISSUES } from './issues/exposures.ts'
import { HEADER_ISSUES } from './issues/header.ts'
import { REFERENCE_ISSUES } from './issues/reference.ts'
import { SCAN_ISSUES } from './issues/scan.ts'
import { SOLUTION_ISSUES } from './issues/solution.ts'

/** fatal: nothing can be reduced · flag: a person must look · warn: reduced with less trust · info: noted. */
export type Severity = 'fatal' | 'flag' | 'warn' | 'info'

export interface Issue {
  severity: Severity
  /** What the code means, one sentence. */
  sentence: string
  /** What to do next, one sentence that names the option that helps. */
  nextStep: string
  /** The same where that option was given to the run already, and did not settle it. */
  afterwards?: string
}

/** The dictionary behind solution.json's `reasons`, the report and docs/issues.md. */
export const ISSUES = {
  ...HEADER_ISSUES,
  ...SCAN_ISSUES,
  ...DETECTION_ISSUES,
  ...EXPOSURE_ISSUES,
  ...REFERENCE_ISSUES,
  ...SOLUTION_ISSUES,
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

/** A reason that the run had in spite of the option that its next step names. */
export function inSpiteOfOption(found: Reason): Reason {
  const { afterwards }: Issue = ISSUES[found.code]
  return afterwards === undefined ? found : { ...found, evidence: { ...found.evidence, option_given: true } }
}

/** What to do about it: nothing, where what would have been a flag is only noted because every exposure was solved. */
export function nextStepOf({ code, severity, evidence }: Omit<Reason, 'text'>): string {
  const { severity: usual, nextStep, afterwards = nextStep }: Issue = ISSUES[code]
  if (severity === 'info' && usual !== 'info') return 'Nothing is left to do: every exposure was solved.'
  return evidence.option_given === true ? afterwards : nextStep
}
