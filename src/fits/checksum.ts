// DATASUM and CHECKSUM: 32-bit ones' complement sums over an HDU. FITS standard 4.0, section 4.4.2.7 and appendix J.
import type { FitsFile, Hdu } from './hdu.ts'
import { findCard, formatHeader, type Header, setCard } from './header.ts'
import { readAt } from './io.ts'

const WORD = 2 ** 32
const FOLD_EVERY_WORDS = 2 ** 20 // the running sum stays an exact number below 2^53
const NO_CHECKSUM = '0000000000000000'
const STRIP_BYTES = 2880 * 1024

/** Folds what overflowed 32 bits back in at the low end. */
function fold(sum: number): number {
  let folded = sum
  while (folded >= WORD) folded = (folded % WORD) + Math.floor(folded / WORD)
  return folded
}

/** A ones' complement sum over bytes that come in pieces of any length; the end is taken as padded with zeros. */
export interface RunningSum {
  add(bytes: Uint8Array): void
  value(): number
}

export function startSum(initial = 0): RunningSum {
  let sum = initial
  let phase = 0 // how many bytes of the current word have been seen
  const addByte = (byte: number) => {
    sum = fold(sum + byte * 2 ** (24 - 8 * phase))
    phase = (phase + 1) % 4
  }
  return {
    add(bytes) {
      let at = 0
      while (phase !== 0 && at < bytes.length) addByte(bytes[at++]!)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const lastWord = bytes.length - 3
      while (at < lastWord) {
        const end = Math.min(lastWord, at + FOLD_EVERY_WORDS * 4)
        let words = 0 // a local sum: several times faster than the captured one
        for (; at < end; at += 4) words += view.getUint32(at)
        sum = fold(sum + words)
      }
      while (at < bytes.length) addByte(bytes[at++]!)
    },
    value: () => sum,
  }
}

/** The 16 letters and digits whose own sum brings an HDU of this sum to −0: appendix J's encoding of the complement. */
export function encodeChecksum(sum: number): string {
  const complement = WORD - 1 - sum
  const characters = new Array<number>(16)
  for (let byteIndex = 0; byteIndex < 4; byteIndex++) {
    const byte = Math.floor(complement / 2 ** (24 - 8 * byteIndex)) % 256
    const quarters = [0, 0, 0, 0].map((_, i) => Math.floor(byte / 4) + (i === 0 ? byte % 4 : 0) + 0x30)
    avoidPunctuation(quarters)
    for (let i = 0; i < 4; i++) characters[4 * i + byteIndex] = quarters[i]!
  }
  // The value begins at byte 11 of its card, one byte before a word boundary: so it is turned right by one.
  return String.fromCharCode(characters[15]!, ...characters.slice(0, 15))
}

const isPunctuation = (code: number) => (code >= 0x3a && code <= 0x40) || (code >= 0x5b && code <= 0x60)

/** Moves pairs apart by one, which keeps their sum, until all four are letters or digits. */
function avoidPunctuation(codes: number[]): void {
  while (codes.some(isPunctuation)) {
    for (let i = 0; i < 4; i += 2) {
      if (!isPunctuation(codes[i]!) && !isPunctuation(codes[i + 1]!)) continue
      codes[i]!++
      codes[i + 1]!--
    }
  }
}

/** Sets DATASUM and CHECKSUM of a header for data of this sum. The header must not be changed afterwards. */
export function setChecksums(header: Header, dataSum: number): void {
  setCard(header, 'CHECKSUM', NO_CHECKSUM, 'HDU checksum')
  setCard(header, 'DATASUM', String(dataSum), 'data unit checksum')
  const total = startSum(dataSum)
  total.add(formatHeader(header))
  setCard(header, 'CHECKSUM', encodeChecksum(total.value()))
}

export interface ChecksumReport {
  /** undefined: the header has no such keyword. */
  dataSumAgrees: boolean | undefined
  checksumAgrees: boolean | undefined
}

/** Sums an HDU as it lies in the file and compares with its keywords. */
export async function verifyChecksums(file: FitsFile, hdu: Hdu): Promise<ChecksumReport> {
  const dataSum = startSum()
  const buffer = Buffer.alloc(STRIP_BYTES)
  for (let done = 0; done < hdu.dataBytes; ) {
    const strip = buffer.subarray(0, Math.min(STRIP_BYTES, hdu.dataBytes - done))
    const got = await readAt(file.handle, strip, hdu.dataOffset + done)
    if (got === 0) break
    dataSum.add(strip.subarray(0, got))
    done += got
  }
  const total = startSum(dataSum.value())
  total.add(formatHeader(hdu.header))
  const wanted = findCard(hdu.header, 'DATASUM')?.value
  const hasChecksum = findCard(hdu.header, 'CHECKSUM') !== undefined
  return {
    dataSumAgrees: wanted == null ? undefined : Number(wanted) === dataSum.value(),
    checksumAgrees: hasChecksum ? total.value() === WORD - 1 || total.value() === 0 : undefined,
  }
}
