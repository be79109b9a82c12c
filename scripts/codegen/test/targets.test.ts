/** Each target over the small contract of fixture.ts gives the text that stands in want/. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { Target } from '../source.js'
import { contract } from '../targets/contract.js'
import { errorReference } from '../targets/error-reference.js'
import { errors } from '../targets/errors.js'
import { eventReference } from '../targets/event-reference.js'
import { events } from '../targets/events.js'
import { hookReference } from '../targets/hook-reference.js'
import { operations } from '../targets/operations.js'
import { prisma } from '../targets/prisma.js'
import { schemas } from '../targets/schemas.js'
import { types } from '../targets/types.js'
import { grouped, USUAL_CODES } from '../usual-codes.js'
import { source } from './fixture.js'

const TABLE: [path: string, target: Target][] = [
  ['packages/contract/src/generated/types.ts', types],
  ['packages/contract/src/generated/schemas.ts', schemas],
  ['packages/contract/src/generated/operations.ts', operations],
  ['packages/contract/src/generated/events.ts', events],
  ['packages/contract/src/generated/errors.ts', errors],
  ['packages/contract/src/generated/contract.ts', contract],
  ['prisma/generated/api.prisma', prisma],
  ['docs/reference/errors.md', errorReference],
  ['docs/reference/events.md', eventReference],
  ['docs/reference/hooks.md', hookReference],
]

describe('the fixture gives', () => {
  test.each(TABLE)('%s', async (path, target) => {
    const files = await target(source)
    const want = readFileSync(new URL(`want/${basename(path)}.txt`, import.meta.url), 'utf8')
    expect(files).toEqual([{ path, contents: want }])
    expect(await target(structuredClone(source))).toEqual(files)
  })
})

test('a group of error codes is named where it is complete', () => {
  const { token = [], key = [] } = USUAL_CODES
  expect(grouped(['user_not_found', ...token])).toEqual({ groups: ['token'], others: ["'user_not_found'"] })
  expect(grouped([...token.slice(1), ...key])).toEqual({
    groups: ['key'],
    others: token.slice(1).map((code) => `'${code}'`),
  })
})
