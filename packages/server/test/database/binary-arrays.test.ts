import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createDatabase, type TestDatabase } from '@tract/testing/postgres'
import pg from 'pg'
import { binaryArray, binaryColumn, type ElementType } from '../../src/database/binary-arrays.js'

let database: TestDatabase
let client: pg.Client

beforeAll(async () => {
  database = await createDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await database.drop()
})

/** The elements as PostgreSQL has understood them, in its words. */
async function understood(type: ElementType, elements: readonly unknown[]): Promise<(string | null)[]> {
  const { rows } = await client.query<{ element: string | null }>(
    `select element::text from unnest($1::${type}[]) with ordinality as a(element, place) order by place`,
    [binaryArray(type, elements)],
  )
  return rows.map(({ element }) => element)
}

const TYPES = ['boolean', 'bytea', 'bigint', 'smallint', 'int', 'text', 'timestamptz', 'uuid', 'jsonb'] as const
const ID = '0193d2a4-9f00-7abc-8def-0123456789ab'
const LONG = 'a long way '.repeat(100_000)

describe('arrays as PostgreSQL takes them', () => {
  test.each<[ElementType, unknown[], (string | null)[]]>([
    ['boolean', [true, null, false], ['true', null, 'false']],
    ['smallint', [-32_768, null, 32_767], ['-32768', null, '32767']],
    ['int', [-2_147_483_648, 0, undefined, 2_147_483_647], ['-2147483648', '0', null, '2147483647']],
    ['bigint', ['9007199254740993', -1, null], ['9007199254740993', '-1', null]],
    ['uuid', [ID, null, ID.toUpperCase().replaceAll('-', '')], [ID, null, ID]],
    ['text', ['', null, '{"a, \\b"}', 'null', 'Grüße 👋', LONG], ['', null, '{"a, \\b"}', 'null', 'Grüße 👋', LONG]],
    ['jsonb', [{ a: ['ü', null] }, null, 'text', 7], ['{"a": ["ü", null]}', null, '"text"', '7']],
    ['bytea', [Uint8Array.of(0, 255, 92), null, new Uint8Array()], ['\\x00ff5c', null, '\\x']],
  ])('%s', async (type, elements, words) => {
    expect(await understood(type, elements)).toEqual(words)
  })

  test('timestamptz, to the millisecond, before and after the year from which PostgreSQL counts', async () => {
    await client.query(`set timezone = 'UTC'`)
    const times = [
      '1970-01-01T00:00:00.001Z',
      '1999-12-31T23:59:59.999Z',
      '2026-11-30T12:00:00.123Z',
      '9999-01-01T00:00:00Z',
    ]
    expect(await understood('timestamptz', [null, ...times.map((time) => new Date(time))])).toEqual([
      null,
      '1970-01-01 00:00:00.001+00',
      '1999-12-31 23:59:59.999+00',
      '2026-11-30 12:00:00.123+00',
      '9999-01-01 00:00:00+00',
    ])
  })

  test.each(TYPES)('none at all is the empty array of %s', async (type) => {
    const none = [binaryArray(type, []), binaryColumn(type, [], 'a')]
    for (const array of none) {
      const { rows } = await client.query(`select $1::${type}[] = '{}' as "isEmpty"`, [array])
      expect(rows).toEqual([{ isEmpty: true }])
    }
  })

  test('none changes as others are made, however long or many they are', () => {
    const given = Array.from({ length: 3_000 }, (_, index) => {
      const elements = index % 500 === 7 ? [LONG, `${index}`] : [`${index}`]
      const array = binaryArray('text', elements)
      return { last: `${index}`, array, asGiven: Buffer.from(array) }
    })
    expect(() => binaryArray('int', [1, 2 ** 40])).toThrow(RangeError)
    expect(binaryColumn('text', [{ a: '3' }, { a: null }], 'a')).toEqual(binaryArray('text', ['3', null]))
    for (const { last, array, asGiven } of given) {
      expect(array.equals(asGiven)).toBe(true)
      expect(array.subarray(-last.length).toString()).toBe(last)
    }
  })
})

test.each<[ElementType, unknown]>([
  ['smallint', 32_768],
  ['int', 2_147_483_648],
  ['int', 1.5],
  ['bigint', 1.5],
  ['timestamptz', new Date(Number.NaN)],
  ['uuid', 'user-17'],
  ['uuid', ''],
  ['uuid', `${ID}0`],
])('what is no %s is refused, and not cut off: %s', (type, element) => {
  expect(() => binaryArray(type, [element])).toThrow()
})
