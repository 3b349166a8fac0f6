// Row: wcs.fits and scamp.head in other programs against the catalogue's places.
import { join } from 'node:path'
import { atMost, type Bench, type Figure, judge, mustBe, type Reduction, reduce, told } from './bench.ts'
import { reduceM67 } from './m67.ts'
import { onePlate, recipes } from './sim.ts'
import { ORION } from './tycho.ts'

interface Agreement {
  rows: number
  astropy_sip: number
  astropy_sip_inverse: number
  astropy_tpv: number
  swarp: number
  swarp_stars: number
  distortion: number
}

const MAX_DEPARTURE_PX = 0.01

/** The figures of one result folder. */
export async function wcsFigures(bench: Bench, name: string, folder: string): Promise<Figure[]> {
  const row = `wcs ${name}`
  const found = await judge<Agreement>('wcs', [folder, join(bench.out, 'wcs', name)])
  const limit = (figure: string, value: number) => atMost(row, figure, MAX_DEPARTURE_PX, value, ' px')
  return [
    limit(`wcs.fits in astropy, largest of ${found.rows} rows`, found.astropy_sip),
    limit('wcs.fits in astropy, sky to pixel', found.astropy_sip_inverse),
    limit('scamp.head in astropy', found.astropy_tpv),
    limit(`scamp.head in SWarp, largest of ${found.swarp_stars} drawn stars`, found.swarp),
    told(row, 'for comparison: bent away from its linear part', `${found.distortion.toFixed(2)} px`),
  ]
}

export async function wcs(bench: Bench): Promise<Figure[]> {
  const wide = recipes().find((recipe) => recipe.options.field === 3)!
  const seed = bench.seedBases[0]! + wide.options.seed
  const folders: [string, Pick<Reduction, 'exit' | 'folder'>][] = [
    ['m67', await reduceM67(bench)],
    ['orion', await reduce(bench, join(bench.shared, ORION), 'wcs-plates', 'orion')],
  ]
  const { reduced, folder } = await onePlate(bench, wide, seed, 'wcs-plates')
  folders.push([`simulated ${wide.options.field}°`, { exit: reduced ? 0 : 4, folder }])
  const figures: Figure[] = []
  for (const [name, run] of folders) {
    if (run.exit === 0) figures.push(...(await wcsFigures(bench, name, run.folder)))
    else figures.push(mustBe(`wcs ${name}`, 'exit status', 0, run.exit))
  }
  return figures
}
