// What is said on the screen, without starting the command.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { asUserError, bugText, userErrorText } from '../../src/cli/failure.ts'
import { chooseProgress } from '../../src/cli/progress.ts'
import { reasonLines, sexagesimal } from '../../src/cli/summary.ts'
import { UserError } from '../../src/errors.ts'
import { reason } from '../../src/issues.ts'

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: write`), { code, syscall: 'write' })
}

describe('a failure', () => {
  it('that the user can mend is two lines', () => {
    expect(userErrorText('found this', 'do that')).toBe('platepipe: found this\n  → do that\n')
  })

  it('of the disk or of permissions is one that the user can mend', () => {
    expect(asUserError(systemError('ENOSPC'))?.todo).toContain('free some space')
    expect(asUserError(systemError('EACCES'))?.todo).toContain('permissions')
  })

  it('of any other kind is a bug', () => {
    expect(asUserError(systemError('ENOENT'))).toBeUndefined()
    expect(asUserError(new TypeError('x is not a function'))).toBeUndefined()
    expect(asUserError('thrown text')).toBeUndefined()
    expect(asUserError(new UserError('a', 'b'))?.todo).toBe('b')
  })

  it('that is a bug shows its stack, and where to report it', () => {
    const lines = bugText(new Error('the sky is falling')).split('\n')
    expect(lines[0]).toMatch(/^platepipe: this is a bug in platepipe \d.*: the sky is falling$/)
    expect(lines[1]).toMatch(/^ {2}→ please report it/)
    expect(lines[3]).toMatch(/^ +at /)
  })
})

describe('a place in hours and degrees', () => {
  it.each([
    [132.834, 11.8118, '08:51:20.2 +11:48:42'],
    [0, 0, '00:00:00.0 +00:00:00'],
    [359.99999, -0.00001, '00:00:00.0 -00:00:00'],
    [15, -90, '01:00:00.0 -90:00:00'],
    [14.999999, 59.99999, '01:00:00.0 +60:00:00'],
    [101.287, -16.716, '06:45:08.9 -16:42:58'],
  ])('%f %f is %s', (ra, dec, text) => {
    expect(sexagesimal(ra, dec)).toBe(text)
  })
})

describe('reasons', () => {
  const reasons = [
    reason('REFERENCE_TYCHO2', 'Tycho-2 served.'),
    reason('EPOCH_UNKNOWN', 'No date.'),
    reason('UNSOLVED', 'Nothing fitted.'),
  ]

  it('come gravest first, each with its next step; notes only when asked for', () => {
    const few = reasonLines(reasons, false)
    expect(few[0]).toBe('fatal: Nothing fitted. [UNSOLVED]')
    expect(few[1]).toMatch(/^ {2}→ /)
    expect(few[2]).toBe('warn: No date. [EPOCH_UNKNOWN]')
    expect(few).toHaveLength(4)
    expect(reasonLines(reasons, true)[4]).toBe('note: Tycho-2 served. [REFERENCE_TYCHO2]')
  })
})

describe('progress in a log', () => {
  afterEach(() => vi.restoreAllMocks())

  function recorded(
    voice: { quiet: boolean; verbose: boolean; json: boolean },
    stream: 'stdout' | 'stderr',
  ): string {
    let text = ''
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      text += chunk
      return true
    })
    vi.stubEnv('CI', '1')
    const progress = chooseProgress(voice)
    progress.stage('extract', 'the detections')
    progress.step('a probe')
    progress.warn('it is dusty')
    progress.event('probe', { fwhmPx: 3 })
    progress.done('2113 detections')
    progress.stage('publish')
    progress.stop(true)
    return text
  }

  it('is one line for each stage that ended, and the warnings', () => {
    const text = recorded({ quiet: false, verbose: false, json: false }, 'stderr')
    expect(text).toBe('  warning: it is dusty\n  extract    2113 detections\n  publish    done\n')
  })

  it('is every step when verbose, and nothing when quiet', () => {
    expect(recorded({ quiet: false, verbose: true, json: false }, 'stderr')).toContain('a probe')
    vi.restoreAllMocks()
    expect(recorded({ quiet: true, verbose: false, json: false }, 'stderr')).toBe('')
  })

  it('is one event a line for programs, each with its stage', () => {
    const lines = recorded({ quiet: false, verbose: false, json: true }, 'stdout').trimEnd().split('\n')
    const events = lines.map((line) => JSON.parse(line))
    expect(events.map(({ event }) => event)).toEqual(['stage', 'step', 'warning', 'probe', 'done', 'stage'])
    expect(events[4]).toMatchObject({ stage: 'extract', text: '2113 detections' })
    expect(events[3]).toMatchObject({ fwhmPx: 3 })
  })

  it('is meant for a log where the terminal has no width: a spinner would clear lines there without an end', () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const before = { isTTY: process.stderr.isTTY, columns: process.stderr.columns }
    vi.stubEnv('CI', '')
    vi.stubEnv('TERM', 'xterm')
    try {
      const colours = (columns: number) => {
        Object.assign(process.stderr, { isTTY: true, columns })
        const progress = chooseProgress({ quiet: false, verbose: false, json: false })
        progress.stage('extract')
        progress.done('2113 detections')
        return vi.mocked(process.stderr.write).mock.lastCall?.[0]
      }
      expect(colours(0)).toBe('  extract    2113 detections\n')
      expect(colours(80)).toContain('✔')
    } finally {
      Object.assign(process.stderr, before)
      vi.unstubAllEnvs()
    }
  })
})
