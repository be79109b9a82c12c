import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { type RawAnswer, readAnswer } from '../../../src/deliver/send/answer-text.js'

const NO = '{"success":false}'
const read = (bytes: Buffer | string, headers: Partial<RawAnswer> = {}) =>
  readAnswer({ bytes: Buffer.from(bytes), isCut: false, ...headers })
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16()
const utf32le = (text: string) => Buffer.from(Array.from(text, (letter) => [letter.charCodeAt(0), 0, 0, 0]).flat())

describe('an answer is read', () => {
  test.each<[string, Buffer, string | undefined]>([
    ['gzip', gzipSync(NO), 'gzip'],
    ['gzip by its old name', gzipSync(NO), 'X-GZIP'],
    ['gzip after nothing', gzipSync(NO), 'identity, gzip'],
    ['gzip that nothing tells of', gzipSync(NO), undefined],
    ['gzip in two parts', Buffer.concat([gzipSync('{"success":'), gzipSync('false}')]), 'gzip'],
    ['deflate', deflateSync(NO), 'deflate'],
    ['deflate without its head', deflateRawSync(NO), 'deflate'],
    ['nothing', Buffer.from(NO), 'identity'],
    ['an empty list', Buffer.from(NO), ' , '],
  ])('coded by %s', (_, bytes, coding) => {
    expect(read(bytes, { coding })).toEqual({ text: NO, isCut: false, isLossy: false })
  })

  test.each<[string, Buffer | string, string?]>([
    ['the mark of UTF-8', `\uFEFF${NO}`],
    ['two of them', `\uFEFF\uFEFF${NO}`],
    ['the mark of UTF-16', Buffer.from(`\uFEFF${NO}`, 'utf16le')],
    ['the mark of UTF-16, big-endian', utf16be(`\uFEFF${NO}`)],
    ['the mark of UTF-16 against its charset', utf16be(`\uFEFF${NO}`), 'application/json; charset=utf-8'],
    ['UTF-16 by its charset', Buffer.from(NO, 'utf16le'), 'application/json;charset=UTF-16LE'],
    ['UTF-16 that nothing tells of', Buffer.from(NO, 'utf16le')],
    ['UTF-16 that nothing tells of, big-endian', utf16be(NO)],
    ['UTF-8 that says it is UTF-16', NO, 'application/json; charset=utf-16'],
    ['charset in quotes', NO, 'application/json; charset="utf-8"'],
    ['a charset of its own, and no need of it', NO, 'application/json; charset=iso-8859-1'],
  ])('with %s', (...[, bytes, contentType]) => {
    expect(read(bytes, { contentType })?.text).toBe(NO)
  })

  test('in the charset that it names', () => {
    const bytes = Buffer.from('{"ect_user_id":"J\xf6rg"}', 'latin1')
    const text = '{"ect_user_id":"Jörg"}'
    expect(read(bytes, { contentType: 'application/json; charset=latin1' })).toEqual({
      text,
      isCut: false,
      isLossy: false,
    })
    expect(read(Buffer.from([0x83, 0x65]), { contentType: 'text/plain; charset=shift_jis' })?.text).toBe('テ')
  })

  test('with what is no text in it, and says so', () => {
    const bytes = Buffer.from('{"ect_user_id":"J\xf6rg"}', 'latin1')
    expect(read(bytes)).toEqual({ text: '{"ect_user_id":"J\uFFFDrg"}', isCut: false, isLossy: true })
    expect(read('{"ect_user_id":"J\uFFFDrg"}')?.isLossy).toBe(false)
    expect(read(Buffer.from([0x83]), { contentType: 'text/plain; charset=shift_jis' })?.isLossy).toBe(true)
  })

  test('as nothing where it is empty, whatever is said of it', () => {
    const contentType = 'text/plain; charset=klingon'
    expect(read('', { contentType, coding: 'zstd, br' })).toEqual({ text: '', isCut: false, isLossy: false })
  })
})

describe('an answer is not understood', () => {
  test.each<[string, Buffer | string, string]>([
    ['by brotli', brotliCompressSync(NO), 'br'],
    ['by zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), 'zstd'],
    ['by what is not known', NO, 'rot13'],
    ['twice', gzipSync(gzipSync(NO)), 'gzip, gzip'],
    ['by gzip as it says, and is not', NO, 'gzip'],
    ['by gzip, and is broken off', gzipSync(NO).subarray(0, 20), 'gzip'],
    ['by gzip, with more in it than there is room for', gzipSync('0'.repeat(64 * 1024 + 1)), 'gzip'],
    ['by deflate, and grows beyond measure', deflateSync(Buffer.alloc(100_000_000)).subarray(0, 4_096), 'deflate'],
    ['by gzip, in more than 4 KiB', gzipSync(Buffer.alloc(4_200, 'ab'), { level: 0 }), 'gzip'],
  ])('that is coded %s', (_, bytes, coding) => {
    expect(read(bytes, { coding })).toBeNull()
  })

  test('that is coded and cut off', () => {
    expect(read(gzipSync(NO), { coding: 'gzip', isCut: true })).toBeNull()
  })

  test.each<[string, Buffer, string?]>([
    ['UTF-32', utf32le(NO)],
    ['UTF-32 with its mark', utf32le(`\uFEFF${NO}`).fill(Buffer.from([0xff, 0xfe, 0, 0]), 0, 4)],
    ['UTF-32, big-endian', utf32le(NO).swap32()],
    [
      'UTF-32, big-endian, with its mark',
      utf32le(`\uFEFF${NO}`)
        .fill(Buffer.from([0xff, 0xfe, 0, 0]), 0, 4)
        .swap32(),
    ],
    ['UTF-7', Buffer.from('+AHs-"success":false+AH0-'), 'application/json; charset=utf-7'],
    ['EBCDIC', Buffer.from([0xc0, 0x7f]), 'application/json; charset=cp037'],
    ['an unknown charset', Buffer.from(NO), 'application/json; charset=klingon'],
  ])('that is in %s', (...[, bytes, contentType]) => {
    expect(read(bytes, { contentType })).toBeNull()
  })
})
