import type { RequestListener } from 'node:http'

export interface Request {
  headers: Record<string, string | undefined>
  raw: string
  // biome-ignore lint/suspicious/noExplicitAny: payloads of every shape
  body: any
}

export type Answer = { status?: number; body?: unknown; afterMs?: number; headers?: Record<string, string> }

/** A receiver made by hand, which has one thing wrong, or several. */
export function handmade(answer: (request: Request) => Answer): RequestListener {
  return async (request, response) => {
    const raw = Buffer.concat(await request.toArray()).toString('utf8')
    const headers = request.headers as Request['headers']
    const {
      status = 200,
      body = { success: true },
      afterMs = 0,
      headers: sent = {},
    } = answer({
      ...{ headers, raw, body: JSON.parse(raw) },
    })
    setTimeout(() => response.writeHead(status, sent).end(JSON.stringify(body)), afterMs)
  }
}
