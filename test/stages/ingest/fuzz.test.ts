import { expect, it } from 'vitest'
import { addCard, type CardValue, emptyHeader } from '../../../src/fits/header.ts'
import { plateSchema } from '../../../src/plate.ts'
import { readPlateHeader } from '../../../src/stages/ingest/header.ts'
import { random } from './scans.ts'

const KEYWORDS =
  `DATE-OBS DATE-AVG DATEORIG DATE-OB1 DATE-OB2 DATE-OB3 JD-AVG JD MJD-OBS YEAR EPOCH EQUINOX RADESYS UT TMS-ORIG TZ-ORIG
  EXPTIME EXPOSURE NUMEXP METHOD RA DEC RA_DEG DEC_DEG OBJCTRA OBJCTDEC RA-ORIG DEC-ORIG WRA WDEC WEPOCH PLATERA PLATEDEC
  PLTRAH PLTRAM PLTRAS PLTDECSN PLTDECD PLTDECM PLTDECS CNPIX1 CNPIX2 XPIXELSZ YPIXELSZ PPO3 PPO6 AMDX1 AMDY1 AMDX3 AMDY13
  PIXSIZE1 SCANRES1 S_PIXSCL FOCLEN PLTSCALE SECPIX1 CTYPE1 CTYPE2 CRVAL1 CRVAL2 CRPIX1 CRPIX2 CD1_1 CD1_2 CD2_1 CD2_2
  CDELT1 CDELT2 CROTA2 PC1_1 PC001002 C_SERIES NHKLINES TELESCOP EMULSION FILTER INSTRUME`.split(/\s+/)

const VALUES: CardValue[] = [
  ...[
    '',
    ' ',
    '-',
    '?',
    'unknown',
    'RA---TAN',
    'DEC--TAN',
    'FK4',
    'J1875',
    'B1950',
    'ICRS',
    '+',
    '29/11/51',
    '1951-11-29',
  ],
  ...[
    '1951-07-05T04:95:00',
    '12:07',
    '99:99:99',
    '08 51 20.1',
    '-00 30 00',
    '+11:48:43',
    '1e999',
    '1D3',
    '67,14',
    '4 m',
    'é',
  ],
  ...[
    0, -0, 1, -1, 2, 5, 23.5, 59, 60, 90, -90, 359.9999999999999, 360, 400, 1e-9, 1e9, 1e20, -1e300, 1950,
    2000, 2451545,
  ],
  ...[10, 67.2, 0.0005, -0.0005, 15, 1951.91, 25, 1e-300, true, false, null, 9007199254740993n],
]

const TAN: [string, CardValue][] = Object.entries({
  CTYPE1: 'RA---TAN',
  CTYPE2: 'DEC--TAN',
  CRVAL1: 0,
  CRVAL2: 89.99999,
  CRPIX1: 1,
  CRPIX2: 1,
  CD1_1: -1e-4,
  CD2_2: 1e-4,
})
const GSSS: [string, CardValue][] = Object.entries({
  PLTRAH: 23,
  PLTRAM: 59,
  PLTRAS: 59.9,
  PLTDECSN: '-',
  PLTDECD: 89,
  PLTDECM: 59,
  PLTDECS: 50,
  CNPIX1: 100,
  CNPIX2: 100,
  XPIXELSZ: 25.3,
  YPIXELSZ: 25.3,
  PPO3: 177500,
  PPO6: 177500,
  AMDX1: 67.2,
  AMDY1: 67.2,
})

it('whatever a header says, the record is valid or the header is ignored, and every note has a sentence', () => {
  const next = random(11)
  const pick = <T>(from: readonly T[]) => from[Math.floor(next() * from.length)]
  let [notes, places] = [0, 0]
  for (let n = 0; n < 6_000; n++) {
    const header = emptyHeader()
    // Half of the headers begin with a solution, so that the cards beside it matter.
    if (next() < 0.5)
      for (const [keyword, value] of next() < 0.5 ? TAN : GSSS)
        addCard(header, keyword, next() < 0.9 ? value : pick(VALUES))
    const count = Math.floor(next() * 30)
    for (let k = 0; k < count; k++) addCard(header, pick(KEYWORDS), pick(VALUES))
    const plate = readPlateHeader({ header, scanPath: 's.fits', width: 30000, height: 200, bitpix: 16 }, {})
    plateSchema.parse(plate)
    JSON.stringify(plate)
    notes += plate.notes.length
    if (plate.place) places++
    for (const note of plate.notes) expect(note.text).toMatch(/^.{10,}\.$/s)
    if (plate.epochYr) expect(plate.epochYr.value > 1839.9 && plate.epochYr.value < 2017).toBe(true)
  }
  console.log(`6000 random headers: ${notes} notes, ${places} places`)
  expect(places).toBeGreaterThan(1000)
})
