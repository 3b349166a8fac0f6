// Writes simulated stars as a FITS binary table of the store's columns, as fast as a disk takes it.
import { closeSync, openSync, writeSync } from 'node:fs'
import { STORED_COLUMNS, STORED_NAMES, type StoredName } from '../../src/catalog/store/star-table.ts'
import { REF_EPOCH_YR, type SimulatedStar, simulatedStars } from './stars.ts'

const BLOCK_BYTES = 2880
const ROWS_AT_ONCE = 20_000
const IN_DOUBLE: readonly StoredName[] = ['ra', 'dec', 'parallax', 'pmra', 'pmdec']

function codeOf(name: StoredName): 'K' | 'D' | 'E' | 'B' {
  if (name === 'source_id') return 'K'
  if (STORED_COLUMNS[name].type === 'uint8') return 'B'
  return IN_DOUBLE.includes(name) ? 'D' : 'E'
}

const WIDTH = { K: 8, D: 8, E: 4, B: 1 }
const COLUMNS = STORED_NAMES.map((name) => ({ name, code: codeOf(name) }))
const CODES = COLUMNS.map(({ code }) => code)
const ROW_BYTES = COLUMNS.reduce((sum, { code }) => sum + WIDTH[code], 0)

export function writeFitsStars(path: string, rows: number, seed: number): void {
  writeFitsTable(path, rows, simulatedStars(seed))
}

/** @param next  makes the next star, always in the same object */
export function writeFitsTable(path: string, rows: number, next: () => SimulatedStar): void {
  const file = openSync(path, 'w')
  try {
    writeSync(file, header(rows))
    const bytes = Buffer.alloc(ROWS_AT_ONCE * ROW_BYTES)
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    for (let row = 0; row < rows; row += ROWS_AT_ONCE) {
      const count = Math.min(ROWS_AT_ONCE, rows - row)
      for (let i = 0; i < count; i++) putStar(view, i * ROW_BYTES, next())
      for (let at = 0; at < count * ROW_BYTES; ) at += writeSync(file, bytes, at, count * ROW_BYTES - at)
    }
    const rest = (rows * ROW_BYTES) % BLOCK_BYTES
    if (rest > 0) writeSync(file, Buffer.alloc(BLOCK_BYTES - rest))
  } finally {
    closeSync(file)
  }
}

function putStar(view: DataView, start: number, { values, idHigh, idLow }: SimulatedStar): void {
  let at = start
  for (let k = 0; k < CODES.length; k++) {
    const code = CODES[k]
    if (code === 'D') {
      view.setFloat64(at, values[k]!)
      at += 8
    } else if (code === 'E') {
      view.setFloat32(at, values[k]!)
      at += 4
    } else if (code === 'B') {
      view.setUint8(at, values[k]!)
      at += 1
    } else {
      view.setUint32(at, idHigh)
      view.setUint32(at + 4, idLow)
      at += 8
    }
  }
}

function header(rows: number): Buffer {
  const card = (key: string, value: string | number) =>
    `${key.padEnd(8)}= ${typeof value === 'string' && !/^[TF]$/.test(value) ? `'${value.padEnd(8)}'`.padEnd(20) : String(value).padStart(20)}`
  const primary = [card('SIMPLE', 'T'), card('BITPIX', 8), card('NAXIS', 0), card('EXTEND', 'T')]
  const table = [
    ...[card('XTENSION', 'BINTABLE'), card('BITPIX', 8), card('NAXIS', 2), card('NAXIS1', ROW_BYTES)],
    ...[card('NAXIS2', rows), card('PCOUNT', 0), card('GCOUNT', 1), card('TFIELDS', COLUMNS.length)],
    card('REFEPOCH', REF_EPOCH_YR),
    ...COLUMNS.flatMap(({ name, code }, i) => [
      card(`TTYPE${i + 1}`, name),
      card(`TFORM${i + 1}`, code),
      card(`TUNIT${i + 1}`, STORED_COLUMNS[name].unit),
    ]),
  ]
  const block = (cards: string[]) => {
    const text = [...cards, 'END'].map((line) => line.padEnd(80)).join('')
    return text.padEnd(Math.ceil(text.length / BLOCK_BYTES) * BLOCK_BYTES)
  }
  return Buffer.from(block(primary) + block(table), 'latin1')
}
