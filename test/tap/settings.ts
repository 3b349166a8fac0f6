// The client's settings in tests: short waits against a service on loopback.
import type { TapSettings } from '../../src/catalog/tap/settings.ts'

export const QUICK: Partial<TapSettings> = {
  waitSeconds: 0,
  firstLookSeconds: 0.1,
  longestLookSeconds: 0.2,
  firstBackOffSeconds: 0.05,
  longestBackOffSeconds: 0.2,
  gapSeconds: 0,
}
