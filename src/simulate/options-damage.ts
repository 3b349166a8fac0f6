// The options of what befell the plate after the exposure, and of its borders.
import { number } from '../parameter.ts'

const DAMAGE = 'Damage and borders'

function count(name: string, text: string) {
  return number({
    flag: `--${name}`,
    placeholder: 'N',
    group: DAMAGE,
    default: undefined,
    defaultText: 'from --damage',
    whole: true,
    min: 0,
    max: 100_000,
    text,
  })
}

export const DAMAGE_OPTIONS = {
  damage: number({
    flag: '--damage',
    placeholder: 'LEVEL',
    group: DAMAGE,
    default: 0,
    whole: true,
    min: 0,
    max: 8,
    text: 'How much the plate has suffered: 0 is clean, 2 a well-kept plate, 8 a ruin; the counts below override it.',
  }),
  dust: count('dust', 'Specks of dust on the glass.'),
  hairs: count('hairs', 'Hairs and fibres on the glass.'),
  scratches: count('scratches', 'Scratches in the emulsion, long and straight.'),
  pinholes: count('pinholes', 'Pinholes in the emulsion, sharper than stars.'),
  mould: count('mould', 'Patches of mould, each of hundreds of specks.'),
  stains: count('stains', 'Stains with soft borders.'),
  writing: count('writing', 'Inscriptions in ink on the glass.'),
  labels: count('labels', 'Paper labels.'),
  rebate: number({
    flag: '--rebate',
    placeholder: 'MM',
    group: DAMAGE,
    unit: 'mm',
    default: 0,
    min: 0,
    max: 50,
    text: 'Width of the border that the plate holder kept from the light; each side differs a little.',
  }),
  holder: number({
    flag: '--holder',
    placeholder: 'MM',
    group: DAMAGE,
    unit: 'mm',
    default: 0,
    min: 0,
    max: 50,
    text: "Width of the strip at one side of the scan that is dark with the scanner's own holder.",
  }),
}
