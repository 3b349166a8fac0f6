// Progress for a person at a terminal (a spinner), for a log (one line per finished stage), and for programs (JSON lines).
import ora from 'ora'
import type { Config } from '../config.ts'
import { type Progress, silentProgress } from '../progress.ts'

type Voice = Pick<Config, 'quiet' | 'verbose' | 'json'>

/** `stop` ends what is still turning; an open stage is told as done when the work was completed. */
export interface StoppableProgress extends Progress {
  stop(completed: boolean): void
}

const NAME_WIDTH = 10 // the longest stage, 'photometry'

function lineOf(name: string, text: string, seconds: number): string {
  return `  ${name.padEnd(NAME_WIDTH)} ${text}${seconds >= 0.1 ? `  (${seconds.toFixed(1)} s)` : ''}`
}

/** The current stage: its name, when it began, and whether its end was told. */
function stopwatch() {
  let name = ''
  let started = performance.now()
  let open = false
  return {
    start(next: string) {
      name = next
      started = performance.now()
      open = true
    },
    end(text: string) {
      open = false
      return lineOf(name, text, (performance.now() - started) / 1000)
    },
    name: () => name,
    isOpen: () => open,
  }
}

/** One line when a stage ends; every step as well when verbose. */
function plainProgress(verbose: boolean): StoppableProgress {
  const watch = stopwatch()
  const print = (line: string) => process.stderr.write(`${line}\n`)
  const close = () => {
    if (watch.isOpen()) print(watch.end('done')) // a stage that had nothing to tell
  }
  return {
    stage(name, text) {
      close()
      watch.start(name)
      if (verbose && text) print(lineOf(name, `${text} …`, 0))
    },
    step(text) {
      if (verbose) print(lineOf('', text, 0))
    },
    warn: (text) => print(`  warning: ${text}`),
    event(name, values) {
      if (verbose) print(lineOf('', `${name} ${JSON.stringify(values)}`, 0))
    },
    done: (text) => print(watch.end(text)),
    stop(completed) {
      if (completed) close()
    },
  }
}

/** A spinner that shows the current step and leaves one line per stage. */
function terminalProgress(): StoppableProgress {
  const watch = stopwatch()
  const spinner = ora({ stream: process.stderr, discardStdin: false })
  return {
    stage(name, text) {
      if (watch.isOpen()) spinner.succeed(watch.end('done').trim())
      watch.start(name)
      spinner.start(lineOf(name, text ?? '', 0).trim())
    },
    step(text) {
      spinner.text = lineOf(watch.name(), text, 0).trim()
    },
    warn(text) {
      const [spinning, current] = [spinner.isSpinning, spinner.text]
      spinner.warn(text)
      if (spinning) spinner.start(current)
    },
    event() {},
    done: (text) => void spinner.succeed(watch.end(text).trim()),
    stop(completed) {
      if (!watch.isOpen()) spinner.stop()
      else if (completed) spinner.succeed(watch.end('done').trim())
      else spinner.fail(watch.end('stopped').trim())
    },
  }
}

/** Every call as one JSON line on standard output, with the seconds since the start. */
function jsonProgress(): Progress {
  const began = performance.now()
  let stage = ''
  const print = (event: string, values: Record<string, unknown>) => {
    const seconds = Math.round(performance.now() - began) / 1000
    process.stdout.write(`${JSON.stringify({ event, seconds, ...values })}\n`)
  }
  return {
    stage(name, text) {
      stage = name
      print('stage', { stage, text: text ?? null })
    },
    step: (text) => print('step', { stage, text }),
    warn: (text) => print('warning', { stage, text }),
    event: (name, values) => print(name, values),
    done: (text) => print('done', { stage, text }),
  }
}

/** The progress that the options and the terminal call for. */
export function chooseProgress(voice: Voice): StoppableProgress {
  const stop = () => {}
  if (voice.json) return { ...jsonProgress(), stop }
  if (voice.quiet) return { ...silentProgress, stop }
  // A terminal without a width (some of those that programs open) would have the spinner clear lines without an end.
  const { isTTY, columns } = process.stderr
  const terminal = isTTY && columns > 0 && process.env.TERM !== 'dumb' && !process.env.CI
  return terminal && !voice.verbose ? terminalProgress() : plainProgress(voice.verbose)
}
