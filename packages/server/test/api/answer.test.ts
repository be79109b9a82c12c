import { createServer, type IncomingMessage } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { listen } from '@tract/testing/listen'
import { Answer } from '../../src/api/answer.js'

let close: () => void = () => {}
afterEach(() => close())

/** What comes of an answer that a handler writes, as names and values. */
async function answered(write: (answer: Answer) => void): Promise<{ headers: Headers; body: string }> {
  const server = createServer({ ServerResponse: Answer }, (_request: IncomingMessage, answer: Answer) => {
    answer.common.push('x-request-id', 'r-1', 'cache-control', 'no-store')
    write(answer)
  })
  const port = await listen(server)
  close = () => server.close()
  const response = await fetch(`http://127.0.0.1:${port}`)
  return { headers: response.headers, body: await response.text() }
}

describe('what every answer holds', () => {
  test('goes out with an answer’s own headers', async () => {
    const { headers, body } = await answered((answer) =>
      answer.writeHead(200, { 'x-own': 'a', 'set-cookie': ['b', 'c'] }).end('d'),
    )
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-request-id': 'r-1',
      'cache-control': 'no-store',
      'x-own': 'a',
    })
    expect(headers.getSetCookie()).toEqual(['b', 'c'])
    expect(body).toBe('d')
  })

  test('gives way to what a handler says otherwise', async () => {
    const { headers } = await answered((answer) => answer.writeHead(200, { 'cache-control': 'public' }).end())
    expect(headers.get('cache-control')).toBe('public')
  })

  test('goes out once, though a head before it was refused', async () => {
    const { headers } = await answered((answer) => {
      expect(() => answer.writeHead(200, { 'x-own': 'a\r\nb' })).toThrow('Invalid character')
      answer.writeHead(500).end()
    })
    expect(headers.get('x-request-id')).toBe('r-1')
  })

  test('gives way to what was set before, where Node writes the head by itself', async () => {
    const { headers } = await answered((answer) => {
      answer.setHeader('cache-control', 'public')
      answer.end('streamed')
    })
    expect(headers.get('cache-control')).toBe('public')
    expect(headers.get('x-request-id')).toBe('r-1')
  })
})

test('whoever watches is told the status once', async () => {
  const told: number[] = []
  await answered((answer) => {
    answer.watch = (status) => told.push(status)
    answer.writeHead(404).end()
  })
  expect(told).toEqual([404])
})
