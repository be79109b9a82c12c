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
  signal?: AbortSignal
}

export async function call(
  url: string,
  { method = 'POST', token, headers = {}, body, signal }: CallOptions = {},
): Promise<Answer> {
  return send(url, {
    method,
    ...(signal && { signal }),
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
}

async function send(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init)
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

  /** Uploads a file as browsers do. */
  upload(content: Blob, name: string, headers: Record<string, string> = {}): Promise<Answer> {
    const form = new FormData()
    form.set('file', content, name)
    return send(`${this.url}/tract/attachments/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, ...headers },
      body: form,
    })
  }

  get(path: string): Promise<Answer> {
    return call(this.url + path, { method: 'GET', token: this.token })
  }
}

/** For a service at any address. */
export async function login(url: string, credentials: Credentials, scope?: string): Promise<Caller> {
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...credentials, ...(scope && { scope }) })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const { status, body, text } = await call(`${url}/tract/auth/token/`, { headers, body: form.toString() })
  if (status !== 200) throw new Error(`no token: ${text}`)
  return new Caller(url, credentials, body.access_token)
}

/** The body of an answer that has to be 200. */
export async function ok(answer: Promise<Answer>): Promise<Answer['body']> {
  const { status, body, text } = await answer
  if (status !== 200) throw new Error(`answered ${status}: ${text}`)
  return body
}
