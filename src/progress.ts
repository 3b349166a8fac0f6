// How a running reduction tells its caller where it is. The library only calls these; src/cli decides what is printed.

export interface Progress {
  /** A stage begins: one of the names of the pipeline, with what it is about to do. */
  stage(name: string, text?: string): void
  /** What the current stage is doing now; overwritten by the next step on a terminal. */
  step(text: string): void
  /** Something a person should know, though the run goes on. */
  warn(text: string): void
  /** A fact for programs: printed as one JSON line under --json, and in --verbose. */
  event(name: string, values: Record<string, unknown>): void
  /** The current stage ended; what it found. */
  done(text: string): void
}

/** Says nothing: for tests, and for callers that only want the result. */
export const silentProgress: Progress = {
  stage() {},
  step() {},
  warn() {},
  event() {},
  done() {},
}
