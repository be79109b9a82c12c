import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Random } from '../random.js'

/** An answer that acknowledges, and holds what a database does not keep as it came. */
export interface StrangeAnswer {
  head: Readonly<Record<string, string>>
  body: Buffer
}

const IDS = ['"a\\u0000b"', '"half \\ud83d"', `"${'x'.repeat(129)}"`, '18446744073709551616', '{"id":7}', '1e400', '""']
const TEXTS: readonly (string | Buffer)[] = [
  'ok\0',
  Buffer.from([0x6f, 0x6b, 0xc3]),
  Buffer.from([0xed, 0xa0, 0x80, 0xff, 0x00]),
  Buffer.alloc(2_050, 'é\0'),
  `${'x'.repeat(2_047)}👋`,
]

export function strangeAnswer(random: Random): StrangeAnswer {
  const id = Buffer.from(`{"success":true,"ect_user_id":${random.pick(IDS)}}`)
  const head = { 'retry-after': random.pick(['99999999999999999999', 'Sat, 01 Jan 275761 00:00:00 GMT', '\u00ff']) }
  switch (random.pick(['id', 'text', 'coded', 'marked'])) {
    case 'text':
      return { head, body: Buffer.from(random.pick(TEXTS)) }
    case 'coded':
      return { head: { ...head, 'content-encoding': 'gzip' }, body: gzipSync(id) }
    case 'marked':
      return { head, body: Buffer.from(`\uFEFF${id}`, 'utf16le') }
    default:
      return { head, body: id }
  }
}

/** Of an answer whose head does not end: its beginning, and what is repeated. */
const HEADS = [
  ['HTTP/1.1 200 OK\r\n', 'x-more: 1\r\n'],
  ['HTTP/1.1 200 OK\r\n', 'a:\r\n'],
  ['HTTP/1.1 200 OK\r\nx-much: ', 'much'],
  ['HTTP/1.1 200 ', 'OK'],
  ['', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;', 'a=b;'],
] as const
const AT_A_TIME = 16_384

/** Writes a head for as long as the other side takes it. @returns the bytes written */
export async function pourHead(socket: Socket, random: Random): Promise<number> {
  const [first, more] = random.pick(HEADS)
  const chunk = more.repeat(Math.ceil(AT_A_TIME / more.length))
  socket.write(first)
  while (!socket.destroyed)
    if (!socket.write(chunk) && !socket.destroyed)
      await new Promise<void>((resolve) => socket.once('drain', resolve).once('close', () => resolve()))
  return socket.bytesWritten
}
