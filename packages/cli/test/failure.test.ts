import { expect, test } from '@jest/globals'
import { TractError } from '@tract/client/platform'
import { failureOf } from '../src/failure.js'

test('a file that cannot be read to its end is said with the reason, and is no fault of ours', () => {
  const reason = Object.assign(new Error("EACCES: permission denied, open 'bill.pdf'"), { syscall: 'open' })
  const error = new TractError('attachments.upload', 'The file could not be read to its end.', reason)
  const message = "The file could not be read to its end. EACCES: permission denied, open 'bill.pdf'"
  expect(failureOf(error)).toEqual({ message, exit: 1 })
  expect(failureOf(reason)).toEqual({ message: reason.message, exit: 1 })
  expect(failureOf(new TypeError('x is not a function'))).toBeUndefined()
})
