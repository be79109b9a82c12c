/** The answers that cost a sender the most: what comes first, and what follows without end. */
import { gzipSync } from 'node:zlib'

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`
const ordinary = '{"success":true}'

/** Blocks of DEFLATE with tables of their own and no content: nothing costs more work a byte. */
function emptyBlocks(length) {
  const bytes = []
  let [byte, bits] = [0, 0]
  const put = (value, count) => {
    for (let bit = 0; bit < count; bit++) {
      byte |= ((value >> bit) & 1) << bits
      if (++bits < 8) continue
      bytes.push(byte)
      ;[byte, bits] = [0, 0]
    }
  }
  const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1]
  const lengths = { 18: 1, 0: 2, 1: 2 }
  const block = (isLast) => {
    put(isLast ? 1 : 0, 1)
    put(2, 2)
    put(14 << 10, 14)
    for (const symbol of order) put(lengths[symbol] ?? 0, 3)
    // 256 zeros in two runs, the end of the block, no distance; then the end itself.
    put(0, 1)
    put(127, 7)
    put(0, 1)
    put(107, 7)
    put(3, 2)
    put(1, 2)
    put(0, 1)
  }
  while (bytes.length < length) block(false)
  block(true)
  put(0, 8)
  return Buffer.from(bytes)
}

const coded = (bytes, coding) =>
  Buffer.concat([Buffer.from(`${OK}content-encoding: ${coding}\r\ncontent-length: ${bytes.length}\r\n\r\n`), bytes])

const json = (list) => {
  const body = `{"a":${list}}`
  return `${OK}content-length: ${body.length}\r\n\r\n${body}`
}

/** @type {Record<string, { first: string | Buffer, more?: string, drips?: boolean }>} */
export const FORMS = {
  'ordinary, on a connection that is kept': {
    first: `${OK}content-type: application/json\r\ncontent-length: ${ordinary.length}\r\n\r\n${ordinary}`,
  },
  ordinary: {
    first: `${OK}connection: close\r\ncontent-length: ${ordinary.length}\r\n\r\n${ordinary}`,
  },
  '100,000 header lines': { first: OK, more: 'x-more: 1\r\n' },
  'header lines of one letter': { first: OK, more: 'a:\r\n' },
  'a header without end': { first: `${OK}x-much: `, more: 'much' },
  'a status line without end': { first: 'HTTP/1.1 200 ', more: 'OK' },
  '1xx without end': { first: '', more: 'HTTP/1.1 103 E\r\n\r\n' },
  'an extension of a chunk without end': { first: `${CHUNKED}2;`, more: 'a=b;' },
  'trailers without end': { first: `${CHUNKED}2\r\n{}\r\n0\r\n`, more: 'a:\r\n' },
  'chunks of one byte': { first: CHUNKED, more: '1\r\n \r\n' },
  'a body without end': { first: `${OK}\r\n`, more: 'x' },
  'JSON of many lists': { first: json(`[${'[],'.repeat(21_600)}0]`) },
  'JSON of many shapes': { first: json(`[${Array.from({ length: 490 }, (_, index) => `{"k${index}":0}`)}]`) },
  'JSON of numbers': { first: json(`[${'0,'.repeat(32_000)}0]`) },
  'a head that drips': { first: OK, more: 'a', drips: true },
  'a body that drips': { first: `${OK}\r\n`, more: ' ', drips: true },
  'gzip that grows': { first: coded(gzipSync(Buffer.alloc(3_900_000)), 'gzip') },
  'tables of DEFLATE': { first: coded(emptyBlocks(4_000), 'deflate') },
}
