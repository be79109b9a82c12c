/** Writes down what goes over the wire: calls with their answers in the order of the calls, and what came to the hooks of each listener. */
import { request } from 'node:http'
import type { Received } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import { brokenLines } from './broken-lines.js'
import { Names } from './names.js'

/** They belong to the connection or the clock. */
const LEFT_OUT = /^(host|connection|keep-alive|date|content-length|transfer-encoding)$/i

export interface Exchange {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  body: any
}

export interface Call {
  /** Who calls, in the words of the recording. */
  as?: string
  token?: string | undefined
  method?: string
  path: string
  headers?: Record<string, string>
  /** Sent as JSON; a string is sent as it is. */
  body?: unknown
}

export class Recorder {
  readonly #names = new Names()
  readonly #parts: string[] = []

  constructor(private readonly url: string) {}

  /** @param busy the status of an answer that asks for the same call again: only the last answer is recorded */
  async call(
    { as = 'no client', token, method = 'POST', path, headers = {}, body }: Call,
    busy?: number,
  ): Promise<Exchange> {
    const sent = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
    const given = { ...(sent && { 'content-type': 'application/json' }), ...headers }
    const send = () =>
      exchange(this.url + path, method, { ...given, ...(token && { authorization: `Bearer ${token}` }) }, sent)
    const answer = await until(async () => {
      const given = await send()
      return given.status === busy ? undefined : given
    }, `another answer than ${busy}`)
    this.#write(`> ${as}: ${method} ${path}`, headerLine(Object.entries(given).flat()), sent)
    this.#write(`< ${answer.status}`, headerLine(answer.rawHeaders), answer.text)
    return { status: answer.status, body: answer.text === '' ? undefined : JSON.parse(answer.text) }
  }

  heading(words: string): void {
    this.#parts.push(`# ${words}\n`)
  }

  came({ path, rawHeaders, text, status }: Received): void {
    this.#write(`> POST ${path}`, headerLine(rawHeaders), text, `< ${status}`)
  }

  toString(): string {
    return this.#parts.join('\n')
  }

  #write(...lines: string[]): void {
    const text = this.#names.put(lines.filter((line) => line !== '').join('\n'))
    this.#parts.push(`${text.replaceAll(/^[{[].*/gm, brokenLines)}\n`)
  }
}

/** Names and values in turn, in the order and the case of the wire. */
const headerLine = (headers: readonly string[]) =>
  headers
    .flatMap((name, at) => (at % 2 === 1 || LEFT_OUT.test(name) ? [] : [`${name}: ${headers[at + 1]}`]))
    .join(' | ')

function exchange(url: string, method: string, headers: Record<string, string>, body: string) {
  return new Promise<{ status: number; rawHeaders: string[]; text: string }>((resolve, reject) => {
    const outgoing = request(url, { method, headers: { ...headers, 'content-length': Buffer.byteLength(body) } })
    outgoing.on('error', reject)
    outgoing.on('response', async (answer) => {
      const bytes = Buffer.concat(await answer.toArray())
      resolve({ status: answer.statusCode ?? 0, rawHeaders: answer.rawHeaders, text: bytes.toString('utf8') })
    })
    outgoing.end(body)
  })
}
