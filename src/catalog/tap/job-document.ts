// The document that describes a job of a service (IVOA UWS 1.0 and 1.1, section 2.2.2.1): its phase, and why it failed.
import { SaxesParser } from 'saxes'

const ACTIVE_PHASES = ['PENDING', 'QUEUED', 'EXECUTING', 'SUSPENDED', 'UNKNOWN', 'HELD'] as const
const ENDED_PHASES = ['COMPLETED', 'ERROR', 'ABORTED', 'ARCHIVED'] as const
export type Phase = (typeof ACTIVE_PHASES)[number] | (typeof ENDED_PHASES)[number]

export interface JobDocument {
  phase: Phase
  /** Of the error summary; empty where there is none. */
  message: string
  /** The service says that the fault passes. */
  isTransient: boolean
}

/** @returns undefined where the text is no such document */
export function readJobDocument(text: string): JobDocument | undefined {
  const path: string[] = []
  const found = { phase: '', message: '', isTransient: false }
  const parser = new SaxesParser()
  let failed = false
  parser.on('error', () => {
    failed = true
  })
  parser.on('opentag', ({ name, attributes }) => {
    path.push(name.replace(/^.*:/, ''))
    if (path.at(-1) === 'errorSummary') found.isTransient = attributes.type === 'transient'
  })
  parser.on('text', (more) => {
    const [outer, middle, inner] = path
    if (outer !== 'job') return
    if (middle === 'phase') found.phase += more
    if (middle === 'errorSummary' && inner === 'message') found.message += more
  })
  parser.on('closetag', () => {
    path.pop()
  })
  parser.write(text).close()
  const phase = found.phase.trim().toUpperCase()
  if (failed || !isPhase(phase)) return undefined
  return { phase, message: found.message.replaceAll(/\s+/g, ' ').trim(), isTransient: found.isTransient }
}

function isPhase(text: string): text is Phase {
  return [...ACTIVE_PHASES, ...ENDED_PHASES].some((phase) => phase === text)
}
