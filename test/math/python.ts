// Debian's Python with numpy and astropy, an independent judge: numbers go in and come back as JSON, every bit kept.
import { execFileSync } from 'node:child_process'

const PRELUDE = `
import json, sys, warnings
import numpy as np
warnings.simplefilter('ignore')
given = json.load(sys.stdin)
def answer(value):
    json.dump(value, sys.stdout, default=lambda a: np.asarray(a).tolist())
`

/** Runs `code` with `given` in a variable of that name; returns what the code hands to `answer(…)`. NaN becomes null. */
export function python<T>(code: string, given: unknown): T {
  const text = execFileSync('/usr/bin/python3', ['-c', PRELUDE + code], {
    input: JSON.stringify(given),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  return JSON.parse(text.replaceAll('NaN', 'null')) as T
}
