// Plate records for the tests of ingest, from a few cards or from the header of a real plate.

import { openFits } from '../../../src/fits/hdu.ts'
import { addCard, type CardValue, emptyHeader } from '../../../src/fits/header.ts'
import { separationDeg } from '../../../src/math/sphere.ts'
import type { Plate } from '../../../src/plate.ts'
import { type IngestOptions, readPlateHeader } from '../../../src/stages/ingest/header.ts'
import { PLATES } from './scans.ts'

export type Cards = Record<string, CardValue>

export function plateOf(cards: Cards, options: IngestOptions = {}, width = 1000, height = 800): Plate {
  const header = emptyHeader()
  for (const [keyword, value] of Object.entries(cards)) addCard(header, keyword, value)
  return readPlateHeader({ header, scanPath: 'scan.fits', width, height, bitpix: 16 }, options)
}

export async function realHeader(name: string, options: IngestOptions = {}): Promise<Plate> {
  const fits = await openFits(`${PLATES}/${name}`)
  const { header, axes, bitpix } = fits.hdus[0]
  await fits.close()
  return readPlateHeader({ header, scanPath: name, width: axes[0], height: axes[1], bitpix }, options)
}

export const codes = (plate: Plate) => plate.notes.map((note) => note.code)
/** How far the plate's place is from another, arcminutes. */
export const offBy = (plate: Plate, raDeg: number, decDeg: number) =>
  60 * separationDeg(plate.place!.value.raDeg, plate.place!.value.decDeg, raDeg, decDeg)
