/** Calls over HTTP as tests make them. */
import type { Credentials } from '../../server/src/accounts/first-start.js'

export interface Answer {
  status: number
  headers: Headers
  /** The body as it came, and parsed where it is JSON. */
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any
}

export interface CallOptions {
  method?: string
  token?: string | undefined
  headers?: Record<string, string>
  /** Sent as JSON; a string is sent as it is. */
  body?: unknown
}

export async function call(
  url: string,
  { method = 'POST', token, headers = {}, body }: CallOptions = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: parsed(text) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A client that has got its token: `client.post('/tract/user/', {user_id})`. */
export class Caller {
  constructor(
    readonly url: string,
    readonly credentials: Credentials,
    readonly token: string,
  ) {}

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return call(this.url + path, { token: this.token, body, headers })
  }

  get(path: string): Promise<Answer> {
    return call(this.url + path, { method: 'GET', token: this.token })
  }
}

/** The body of an answer that has to be 200. */
export async function ok(answer: Promise<Answer>): Promise<Answer['body']> {
  const { status, body, text } = await answer
  if (status !== 200) throw new Error(`answered ${status}: ${text}`)
  return body
}
