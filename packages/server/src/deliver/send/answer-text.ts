import { isUtf8 } from 'node:buffer'
import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'

/** What a receiver answered, as it came. */
export interface RawAnswer {
  bytes: Buffer
  /** There was more of it than is read. */
  isCut: boolean
  contentType?: string | undefined
  /** `content-encoding`, and what `transfer-encoding` has besides `chunked`. */
  coding?: string | undefined
}

/** The same as text. */
export interface AnswerText {
  text: string
  isCut: boolean
  /** Some of its bytes were none of its charset: U+FFFD stands in their place. */
  isLossy: boolean
}

/** Bytes of a coded answer. A few kilobytes of Huffman tables keep a decoder busy for as long as ten attempts do. */
const LONGEST_CODED = 4 * 1024
/** Bytes of what is in it. */
const LONGEST_DECODED = 64 * 1024

/** `{`, and white space. */
const BEGINS_OBJECT = new Set([0x7b, 0x20, 0x09, 0x0a, 0x0d])

const NOTHING: AnswerText = { text: '', isCut: false, isLossy: false }

/**
 * Reads an answer as it says it is coded. TRACT asks for none of this (`accept-encoding: identity`), and reads what costs little:
 *
 * | the answer | is read as |
 * | --- | --- |
 * | empty, with any headers | nothing |
 * | `gzip`, `x-gzip`, `deflate` of at most 4 KiB, with at most 64 KiB in it | what is in it |
 * | none, and it begins as gzip does | `gzip` |
 * | any other coding (`br`, `zstd`), more than one, one that is broken, cut off, or longer than that | not understood |
 * | with a byte order mark of UTF-8 or UTF-16 | that, without the mark |
 * | without one, beginning as a JSON object does in UTF-16 | UTF-16 |
 * | the same in UTF-32, with a mark or without | not understood |
 * | with a `charset` that Node knows | that; UTF-8 where it says UTF-16, and does not begin so |
 * | with any other `charset` | not understood |
 * | all others | UTF-8 |
 *
 * @returns null if it is not understood
 */
export function readAnswer({ bytes, isCut, contentType, coding }: RawAnswer): AnswerText | null {
  if (bytes.length === 0) return NOTHING
  const given = coding ?? (isGzip(bytes) ? 'gzip' : undefined)
  const plain = given === undefined ? bytes : decoded(bytes, isCut, given)
  if (plain === null) return null
  const charset = charsetOf(plain, contentType)
  return charset === null ? null : textOf(plain, charset, isCut)
}

/** No text begins so (RFC 1952 §2.3.1). */
const isGzip = ([first, second]: Buffer) => first === 0x1f && second === 0x8b

function decoded(bytes: Buffer, isCut: boolean, coding: string): Buffer | null {
  const names = coding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
  const [name, another] = names
  if (name === undefined) return bytes
  if (another !== undefined || isCut || bytes.length > LONGEST_CODED) return null
  const limit = { maxOutputLength: LONGEST_DECODED }
  try {
    if (name === 'gzip' || name === 'x-gzip') return gunzipSync(bytes, limit)
    if (name !== 'deflate') return null
    // RFC 9110 §8.4.1.2: with zlib's head, which some leave out
    return ((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync(bytes, limit) : inflateRawSync(bytes, limit)
  } catch {
    return null
  }
}

/** @returns the name of a charset that can be read, or null */
function charsetOf(bytes: Buffer, contentType = ''): string | null {
  const [first = 1, second = 1, third = 1, fourth = 1] = bytes
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 && bytes.length > 3 ? null : 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  // RFC 4627 §3: the zeros around the first character tell
  if (first === 0 && second === 0) return isMark32(third, fourth) || BEGINS_OBJECT.has(fourth) ? null : 'utf-8'
  if (first === 0 && BEGINS_OBJECT.has(second)) return 'utf-16be'
  if (second === 0 && BEGINS_OBJECT.has(first)) return third === 0 && fourth === 0 ? null : 'utf-16le'
  const [, label] = /;\s*charset\s*=\s*["']?([^"';,\s]+)/i.exec(contentType) ?? []
  if (label === undefined || /^utf-?8$/i.test(label)) return 'utf-8'
  try {
    const { encoding } = new TextDecoder(label)
    return encoding.startsWith('utf-16') ? 'utf-8' : encoding
  } catch {
    return null
  }
}

const isMark32 = (third: number, fourth: number) => third === 0xfe && fourth === 0xff

function textOf(bytes: Buffer, charset: string, isCut: boolean): AnswerText {
  if (charset === 'utf-8') {
    const text = withoutMark(bytes.toString())
    return { text, isCut, isLossy: text.includes('\uFFFD') && !isUtf8(bytes) }
  }
  const decode = (fatal: boolean) => withoutMark(new TextDecoder(charset, { fatal }).decode(bytes))
  try {
    return { text: decode(true), isCut, isLossy: false }
  } catch {
    return { text: decode(false), isCut, isLossy: true }
  }
}

const withoutMark = (text: string) => text.replace(/^\uFEFF+/, '')
