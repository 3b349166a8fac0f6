// Colours that the colour-blind tell apart (Okabe & Ito, jfly.uni-koeln.de/color, 2008), each beside a shape of its own.

export const COLOUR = {
  matched: '#009E73',
  unmatched: '#0072B2',
  rejected: '#D55E00',
  used: '#0072B2',
  unused: '#D55E00',
  ink: '#222222',
  faint: '#8a8a8a',
  rule: '#d4d4d4',
} as const
