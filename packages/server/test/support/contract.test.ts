import { describe, expect, test } from '@jest/globals'
import type { Answer } from '@tract/testing/call'
import { PublishedContract } from './contract.js'

const platform = new PublishedContract('platform')

describe('the check of answers', () => {
  const answer: Answer = {
    status: 401,
    headers: new Headers({ 'content-type': 'application/json', 'www-authenticate': 'Bearer', 'x-request-id': 'r' }),
    text: '{"error": "No token.", "code": "token_missing", "request_id": "r"}',
    body: { request_id: 'r' },
  }
  const check = (changes: Partial<Answer>) => platform.problems('getUser', { ...answer, ...changes })

  test('finds nothing wrong with an answer of the document', () => {
    expect(check({})).toEqual([])
  })

  test('finds an undocumented status, a missing header, another media type, and what is no JSON', () => {
    expect(check({ status: 402 })).toHaveLength(1)
    expect(check({ headers: new Headers({ 'content-type': 'application/json', 'x-request-id': 'r' }) })).toHaveLength(1)
    const plain = new Headers(answer.headers)
    plain.set('content-type', 'text/plain')
    expect(check({ headers: plain })).toHaveLength(1)
    expect(check({ text: 'No token.' })).toHaveLength(1)
    expect(check({ body: { request_id: 'another' } })).toHaveLength(1)
  })

  test('finds a missing, a wrong and an undocumented field', () => {
    expect(check({ text: '{"error": "No token.", "request_id": "r"}' })).not.toEqual([])
    expect(check({ text: answer.text.replace('token_missing', 'unheard_of') })).not.toEqual([])
    expect(check({ text: answer.text.replace('{', '{"hint": 1, ') })).toEqual([
      expect.stringContaining('must NOT have unevaluated properties'),
    ])
    expect(
      check({ text: answer.text.replace('}', ', "issues": [{"path": "", "message": "", "hint": 1}]}') }),
    ).toHaveLength(1)
  })
})
