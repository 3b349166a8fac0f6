// Time limits, retries and manners of the TAP client, each with its reason; tests shorten them.

export const TAP_SETTINGS = {
  /** Until an answer begins. Making the connection has a shorter limit of its own: 10 s, that of Node's fetch. */
  answerSeconds: 60,
  /** Between two pieces of an answer. */
  idleSeconds: 60,
  /** Until a synchronous answer begins: a COUNT(*) over an indexed range takes seconds, on a busy service a minute. */
  syncSeconds: 120,
  /** From a job's start to its end: services stop anonymous queries after half an hour to two hours. */
  jobSeconds: 3600,
  /** WAIT of UWS 1.1: how long a service may hold back its answer until the phase changes; 0: do not ask for it. */
  waitSeconds: 20,
  /** Between two looks at a job on a service that does not know WAIT: doubles from the first to the longest. */
  firstLookSeconds: 0.5,
  longestLookSeconds: 10,
  /** Tries of one question, the first included. */
  attempts: 4,
  /** Tries of the question whether a service is there at all: another mirror may be. */
  openAttempts: 2,
  /** Wait before the second try; doubles up to the longest. */
  firstBackOffSeconds: 2,
  longestBackOffSeconds: 60,
  /** A service that asks for more patience than this (Retry-After) is given up. */
  longestRetryAfterSeconds: 300,
  /** Between two requests to one service: at most four a second, and never two at a time. */
  gapSeconds: 0.25,
  /** For deleting a job, also after Ctrl-C. */
  deleteSeconds: 5,
}

export type TapSettings = typeof TAP_SETTINGS
