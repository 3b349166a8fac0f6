// What a file of stars is: its content says so, not its name. And its bytes, unpacked where it is packed with gzip.
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { constants, createGunzip, gunzipSync } from 'node:zlib'
import { UserError } from '../errors.ts'

const SNIFFED_BYTES = 16_384
const FORMATS = 'give a CSV (also .gz), FITS table, VOTable or Parquet file with Gaia columns'

export type Content = 'text' | 'votable' | 'fits' | 'parquet'

/** @throws UserError: missing, empty, unreadable, of no known format. */
export async function sniff(path: string): Promise<{ content: Content; gzipped: boolean }> {
  const head = await readHead(path)
  if (head.length === 0) throw new UserError(`${path} is empty`, FORMATS)
  const gzipped = head[0] === 0x1f && head[1] === 0x8b
  // The first part of a gzip file is all that is here: what it holds so far is enough.
  const plain = gzipped ? partlyUnzipped(head, path) : head
  if (plain.length === 0) throw new UserError(`${path} holds nothing once unpacked`, FORMATS)
  return { content: contentOf(plain, path), gzipped }
}

async function readHead(path: string): Promise<Buffer> {
  try {
    const found = await stat(path) // before it is opened: a pipe would be waited for
    if (!found.isFile() && !found.isDirectory()) {
      throw new UserError(`the catalogue ${path} is a pipe or a device, not a file`, FORMATS)
    }
    const handle = await open(path)
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof UserError) throw error
    const code = (error as NodeJS.ErrnoException).code
    const why: Record<string, string> = {
      ENOENT: 'does not exist',
      EISDIR: 'is a folder',
      EACCES: 'may not be read',
      ENOTDIR: 'does not exist',
    }
    throw new UserError(
      `the catalogue ${path} ${why[code ?? ''] ?? `cannot be read (${code})`}`,
      'give the path of a catalogue file with --catalog',
    )
  }
}

function partlyUnzipped(head: Buffer, path: string): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH })
  } catch (error) {
    throw damaged(path, error)
  }
}

function contentOf(head: Buffer, path: string): Content {
  const text = head.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '')
  if (text.startsWith('PAR1')) return 'parquet'
  if (text.startsWith('SIMPLE  =')) return 'fits'
  const start = text.trimStart()
  if (/<(\w+:)?VOTABLE[\s>]/.test(start)) return 'votable'
  let what: string | undefined
  if (/^<(!doctype )?html/i.test(start)) what = 'is a web page, perhaps the error message of a service'
  else if (start.startsWith('<')) what = 'is XML but no VOTable'
  else if (text.startsWith('PK')) what = 'is a ZIP archive'
  else if (/^[{[]/.test(start)) what = 'looks like JSON'
  else if (hasControlBytes(head)) what = 'is of no format that is known'
  else if (start === '') what = 'holds nothing but blanks'
  if (what !== undefined) throw new UserError(`${path} ${what}`, FORMATS)
  return 'text'
}

/** Text has none of the bytes below 32 but tab and the ends of lines and pages. */
function hasControlBytes(bytes: Buffer): boolean {
  return bytes.some((byte) => byte < 9 || (byte > 13 && byte < 32))
}

/** @throws UserError when it cannot be unpacked. */
export async function* streamOf(path: string, gzipped: boolean): AsyncGenerator<Uint8Array> {
  const source = createReadStream(path, { highWaterMark: 1 << 18 })
  if (!gzipped) {
    yield* source
    return
  }
  const gunzip = createGunzip({ chunkSize: 1 << 18 })
  source.on('error', (error) => gunzip.destroy(error))
  source.pipe(gunzip)
  try {
    yield* gunzip
  } catch (error) {
    throw damaged(path, error)
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}

function damaged(path: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (!code?.startsWith('Z_')) return error
  return new UserError(`${path} cannot be unpacked (${message})`, 'the file may be cut short: get it again')
}
