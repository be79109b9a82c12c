import { expect, test } from '@jest/globals'
import { validate, version } from 'uuid'
import { newRequestId } from '../../src/api/request-id.js'

const ids = Array.from({ length: 20_000 }, newRequestId)

test('is a UUIDv7', () => {
  for (const id of ids) expect(validate(id) && version(id)).toBe(7)
})

test('is never the same, however many there are in a millisecond, and sorts as it was made', () => {
  expect(new Set(ids).size).toBe(ids.length)
  expect([...ids].sort()).toEqual(ids)
})
