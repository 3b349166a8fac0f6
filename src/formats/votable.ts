// Reads VOTables (IVOA, any 1.x) as a stream: TABLEDATA, BINARY and BINARY2; the first table whose columns serve.
import type { SaxesParser } from 'saxes'
import { throwIfCancelled, UserError } from '../errors.ts'
import {
  BATCH_ROWS,
  type BatchOptions,
  type ChooseKinds,
  type ColumnTable,
  collect,
  inBatches,
  type TableBatches,
} from './columntable.ts'
import { parserFor, type Reading } from './votable-elements.ts'

/**
 * Reads the columns that `choose` asks for; where it throws a UserError, the next table of the file is tried.
 * @throws UserError: not well-formed, an error document of a service, data kept in another file, garbage in a cell.
 */
export async function* votableBatches(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  choose: ChooseKinds,
  { signal, batchRows = BATCH_ROWS }: BatchOptions = {},
): TableBatches {
  const reading: Reading = {
    path,
    choose,
    fields: [],
    growing: undefined,
    rowsGiven: 0,
    cell: 0,
    inText: false,
    inTag: false,
    stream: undefined,
    refusal: undefined,
    done: undefined,
    epochs: new Map(),
    remarks: [],
  }
  const parser = parserFor(reading)
  const decoder = new TextDecoder()
  for await (const chunk of bytes) {
    throwIfCancelled(signal)
    feed(reading, parser, decoder.decode(chunk, { stream: true }))
    if ((reading.growing?.rows ?? 0) < batchRows) continue
    const full = reading.growing!.take()
    reading.rowsGiven += full.rows
    yield* inBatches(tableOf(reading, full), batchRows)
  }
  feed(reading, parser, decoder.decode())
  parser.close()
  if (reading.done === undefined) {
    if (reading.refusal) throw reading.refusal
    throw new UserError(`${path} is a VOTable without a table of data`, 'give a VOTable that holds rows')
  }
  yield* inBatches(tableOf(reading, reading.done), batchRows)
}

/** All rows of `votableBatches` in one table. */
export function readVotable(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  choose: ChooseKinds,
  signal?: AbortSignal,
): Promise<ColumnTable> {
  return collect(votableBatches(bytes, path, choose, { signal }))
}

function tableOf({ fields, epochs, remarks }: Reading, rows: NonNullable<Reading['done']>): ColumnTable {
  const described = fields.map(({ name, unit, text, coosys }) => {
    return { name, unit, text, epochYr: epochs.get(coosys) }
  })
  return { fields: described, ...rows, remarks }
}

/**
 * The parser would keep a whole STREAM of base64 until it ends: what is in it goes past the parser. To see a STREAM
 * begin, the parser gets one tag at a time where no rows as text are on their way.
 */
function feed(reading: Reading, parser: SaxesParser, text: string): void {
  let at = 0
  while (at < text.length) {
    let end: number
    if (reading.stream !== undefined && !reading.inTag && text[at] !== '<') {
      end = text.indexOf('<', at)
      if (end < 0) end = text.length
      reading.stream.decoder?.push(text.slice(at, end))
      at = end
      continue
    }
    end = reading.inText ? -1 : text.indexOf('>', at)
    reading.inTag = end < 0
    parser.write(text.slice(at, end < 0 ? undefined : end + 1))
    at = end < 0 ? text.length : end + 1
  }
}
