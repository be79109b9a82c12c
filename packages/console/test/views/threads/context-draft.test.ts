import { expect, test } from '@jest/globals'
import { contextOf, EMPTY_DRAFT } from '../../../src/views/threads/context/context-draft.js'

test('nothing entered is no context', () => {
  expect(contextOf(EMPTY_DRAFT)).toBeUndefined()
  expect(contextOf({ ...EMPTY_DRAFT, reason: '  ', skills: ' , ,' })).toBeUndefined()
})

test('what was entered is sent, without the blanks round it, and nothing else', () => {
  const draft = {
    ...EMPTY_DRAFT,
    reason: ' billing ',
    summary: 'Two\nlines',
    priority: 'high',
    skills: 'refunds, , en ',
  }
  expect(contextOf(draft)).toEqual({
    ...{ reason: 'billing', summary: 'Two\nlines', priority: 'high' },
    skills: ['refunds', 'en'],
  })
})
