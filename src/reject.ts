// The dictionary of the column `reject`: one bit per rule. Bits are added, never renumbered.

export const REJECT_BITS = [
  { bit: 0, name: 'NO_MEASURE', text: 'no magnitude or no width could be measured' },
  { bit: 1, name: 'EDGE', text: 'touches the edge of the scan' },
  { bit: 2, name: 'MASKED', text: 'outside the usable area (rebate, holder, label, clipped region)' },
  { bit: 3, name: 'TOO_SHARP', text: "narrower than this plate's stars of its magnitude" },
  { bit: 4, name: 'TOO_WIDE', text: "wider than this plate's stars of its magnitude" },
  { bit: 5, name: 'PEAK', text: 'its peak does not fit its magnitude on this plate' },
  { bit: 6, name: 'ELONGATED', text: "more elongated than this plate's stars of its magnitude" },
  { bit: 7, name: 'LINE', text: 'one of several elongated images in a line: scratch or hair' },
  { bit: 8, name: 'HALO', text: 'inside the halo of a much brighter star: spike, ring or ghost' },
  { bit: 9, name: 'SPECKS', text: 'in a patch crowded with images unlike stars: mould, dirt or writing' },
  { bit: 10, name: 'OTHER_EXPOSURE', text: 'an image of another exposure of the plate' },
  {
    bit: 11,
    name: 'SHARP_EDGE',
    text: 'its edge is sharper than that of any image of light: a speck or a hole',
  },
] as const

export type RejectName = (typeof REJECT_BITS)[number]['name']

export const REJECT = Object.fromEntries(REJECT_BITS.map(({ bit, name }) => [name, 1 << bit])) as Record<
  RejectName,
  number
>
