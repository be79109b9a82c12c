/**
 * Arrays as PostgreSQL takes them in binary form: it reads a literal letter by letter, which in statements about many rows was a
 * tenth of what they cost. A head of five integers (dimensions, whether there may be nulls, type, length, first index), then each
 * element behind its length, which is -1 for null.
 */
import { toJson } from '@tract/contract'

/** The types of elements, by the number that PostgreSQL has for each. */
const OIDS = {
  boolean: 16,
  bytea: 17,
  bigint: 20,
  smallint: 21,
  int: 23,
  text: 25,
  timestamptz: 1184,
  uuid: 2950,
  jsonb: 3802,
} as const

export type ElementType = keyof typeof OIDS

/** PostgreSQL counts from the year 2000, in microseconds. */
const YEAR_2000_MS = Date.UTC(2000)
/** Microseconds, so that the two halves of a time are 32 bits each. */
const HALF = 2 ** 32
/** The form of JSON that follows. */
const JSONB_VERSION = 1
/** Arrays are put together one behind the other in as many bytes, since a buffer of its own costs a small one more than its elements. */
const SHARED = 64 * 1024

/** The array at hand begins at `start`, and has been written to `at`. What lies before belongs to arrays that were given out. */
let bytes = Buffer.allocUnsafeSlow(SHARED)
let view = viewOf(bytes)
let start = 0
let at = 0

export function binaryArray(type: ElementType, elements: readonly unknown[]): Buffer {
  return elements.length === 0 ? EMPTY[type] : filled(type, elements, (element) => element)
}

/** The array of a field of each row. */
export function binaryColumn(
  type: ElementType,
  rows: readonly Readonly<Record<string, unknown>>[],
  field: string,
): Buffer {
  return rows.length === 0 ? EMPTY[type] : filled(type, rows, (row) => row[field])
}

function filled<Each>(type: ElementType, all: readonly Each[], elementOf: (one: Each) => unknown): Buffer {
  start = at
  reserve(20)
  for (const word of [1, 1, OIDS[type], all.length, 1]) putInt(word)
  const write = WRITERS[type] as (element: unknown) => void
  for (const one of all) {
    const element = elementOf(one)
    if (element == null) {
      reserve(4)
      putInt(-1)
    } else write(element)
  }
  const array = bytes.subarray(start, at)
  if (bytes.length === SHARED) return array
  bytes = Buffer.allocUnsafeSlow(SHARED)
  view = viewOf(bytes)
  at = 0
  return Buffer.from(array)
}

const WRITERS = {
  boolean: (value: boolean) => {
    begin(1)
    bytes[at++] = value ? 1 : 0
  },
  smallint: (value: number) => {
    begin(2)
    view.setInt16(at, whole(value, 16))
    at += 2
  },
  int: (value: number) => {
    begin(4)
    putInt(whole(value, 32))
  },
  bigint: (value: number | string) => {
    begin(8)
    view.setBigInt64(at, BigInt(value))
    at += 8
  },
  timestamptz: (value: Date) => {
    begin(8)
    const microseconds = (value.getTime() - YEAR_2000_MS) * 1_000
    if (Number.isNaN(microseconds)) throw new RangeError('A time is no time.')
    const high = Math.floor(microseconds / HALF)
    putInt(high)
    putInt(microseconds - high * HALF)
  },
  uuid: writeUuid,
  text: (text: string) => writeText(text, 0),
  jsonb: (value: unknown) => writeText(toJson(value), 1),
  bytea: (value: Uint8Array) => {
    begin(value.length)
    bytes.set(value, at)
    at += value.length
  },
} satisfies Record<ElementType, (element: never) => void>

/** An element of that many bytes. */
function begin(length: number): void {
  reserve(4 + length)
  putInt(length)
}

/** What does not fit would be cut off. */
function whole(value: number, bits: 16 | 32): number {
  if ((value << (32 - bits)) >> (32 - bits) !== value) throw new RangeError(`${value} is no integer of ${bits} bits.`)
  return value
}

function putInt(value: number): void {
  view.setInt32(at, value)
  at += 4
}

/** Short texts without a letter beyond ASCII are most, and cost less here than a call of Node's. */
function writeText(text: string, version: 0 | 1): void {
  reserve(4 + version + 3 * text.length)
  const start = at
  at += 4
  if (version > 0) bytes[at++] = JSONB_VERSION
  if (text.length > LONGEST_BY_LETTER || !putAscii(text)) at += bytes.write(text, at)
  view.setInt32(start, at - start - 4)
}

const LONGEST_BY_LETTER = 64

function putAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) return false
    bytes[at + index] = code
  }
  at += text.length
  return true
}

function writeUuid(uuid: string): void {
  begin(16)
  const end = at + 16
  let index = 0
  while (at < end) {
    if (uuid[index] === '-') index++
    const digits = (digit(uuid.charCodeAt(index++)) << 4) | digit(uuid.charCodeAt(index++))
    if (!(digits >= 0)) break
    bytes[at++] = digits
  }
  if (at < end || index !== uuid.length) throw new TypeError('That is no UUID.')
}

/** By the code of a letter, -1 for what is no digit. */
const DIGITS = Int8Array.from({ length: 128 }, (_, code) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase()),
)
const digit = (code: number) => DIGITS[code] ?? -1

/** Room for that many bytes more of the array at hand, which moves to where there is. */
function reserve(length: number): void {
  if (at + length <= bytes.length) return
  const written = at - start
  const room = Buffer.allocUnsafeSlow(Math.max(SHARED, 2 * (written + length)))
  bytes.copy(room, 0, start, at)
  bytes = room
  view = viewOf(bytes)
  start = 0
  at = written
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

/** An array without elements has no dimensions. */
const EMPTY = Object.fromEntries(
  Object.entries(OIDS).map(([type, oid]) => {
    const empty = Buffer.alloc(12)
    empty.writeInt32BE(oid, 8)
    return [type, empty]
  }),
) as Record<ElementType, Buffer>
