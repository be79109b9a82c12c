import { describe, expect, test } from '@jest/globals'
import { text } from '../../src/hsl/index.js'
import { MAX_MESSAGE_BYTES, parseMessageBody } from '../../src/hsl/message-body.js'
import { errors } from './parsing.js'

describe('size', () => {
  const message = (bytes: number) => `must have at most 65536 bytes of UTF-8, this one has ${bytes}`

  test('exactly 65,536 bytes are accepted, one more is not', () => {
    expect(errors('a'.repeat(MAX_MESSAGE_BYTES))).toEqual([])
    expect(errors('a'.repeat(MAX_MESSAGE_BYTES + 1))).toEqual([{ path: '/message_body', message: message(65_537) }])
    expect(errors('é'.repeat(MAX_MESSAGE_BYTES / 2))).toEqual([])
    expect(errors(`${'é'.repeat(MAX_MESSAGE_BYTES / 2)}a`)).toEqual([
      { path: '/message_body', message: message(65_537) },
    ])
    expect(errors('🙂'.repeat(MAX_MESSAGE_BYTES / 4))).toEqual([])
  })

  test('of an element as it was serialised', () => {
    const empty = JSON.stringify(text('')).length
    expect(errors(JSON.stringify(text('a'.repeat(MAX_MESSAGE_BYTES - empty))))).toEqual([])
    expect(errors(JSON.stringify(text('a'.repeat(MAX_MESSAGE_BYTES - empty + 1))))).toHaveLength(1)
    expect(errors(`${JSON.stringify(text(''))}${' '.repeat(MAX_MESSAGE_BYTES)}`)).toHaveLength(1)
  })
})

describe('nesting', () => {
  const nested = (levels: number) => `{"type":"NEW"${',"a":{"b":1'.repeat(levels - 1)}${'}'.repeat(levels)}`

  test('16 levels are accepted, one more is not, and the error says where', () => {
    expect(errors(nested(16))).toEqual([])
    expect(errors(nested(17))).toEqual([
      { path: `/message_body${'/a'.repeat(16)}`, message: 'must not be nested deeper than 16 levels' },
    ])
  })

  test('lists count as objects do', () => {
    const lists = (levels: number) => `{"type":"NEW","a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
    expect(errors(lists(16))).toEqual([])
    expect(errors(lists(17))).toEqual([
      { path: `/message_body/a${'/0'.repeat(15)}`, message: 'must not be nested deeper than 16 levels' },
    ])
  })

  test('as deep as a body can be, it is an answer and no overflow', () => {
    const bombs = [
      '['.repeat(256 * 1024),
      `{"type":"NEW","a":${'{"":'.repeat(13_000)}1${'}'.repeat(13_000)}}`,
      `{"type":"TEXT","text":"","data":${'['.repeat(32_000)}${']'.repeat(32_000)}}`,
      `{"type":"NEW","a":[${Array.from({ length: 500 }, () => `${'['.repeat(40)}${']'.repeat(40)}`).join(',')}]}`,
    ]
    for (const bomb of bombs) {
      const found = errors(bomb)
      expect(found.length).toBeGreaterThan(0)
      expect(found.length).toBeLessThanOrEqual(10)
    }
    expect(parseMessageBody('['.repeat(60_000))).toMatchObject({ element: { type: 'TEXT' } })
    expect(parseMessageBody(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)).toMatchObject({ element: { type: 'TEXT' } })
    expect(parseMessageBody(`${'{"":'.repeat(13_000)}1${'}'.repeat(13_000)}`)).toMatchObject({
      element: { type: 'TEXT' },
    })
  })

  test('names of any length keep the paths short', () => {
    const [issue] = errors(`{"type":"NEW","${'n'.repeat(60_000)}":"\\u0000"}`)
    expect(issue?.path.length).toBeLessThan(200)
  })
})
