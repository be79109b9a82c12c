/** For servers that speak `Request` and `Response`: Workers, Deno, Bun, Hono, Next.js. */
import { BodyError, type BodyLimits, readBody } from './body.js'
import type { Receive } from './hook-request.js'

export async function receiveRequest(receive: Receive, request: Request): Promise<Response> {
  const header = (name: string) => request.headers.get(name) ?? undefined
  const { status, headers, body } = await receive({
    method: request.method,
    header,
    readBody: (limits) => bytesOf(request, limits),
  })
  return new Response(body, { status, headers })
}

async function bytesOf(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  if (request.bodyUsed)
    throw new BodyError(500, 'The body has been read already: give the hook receiver the request first, or a clone.')
  if (!request.body) return new Uint8Array()
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader()
  try {
    return await readBody(
      { next: async () => reader.read() },
      request.headers.get('content-length') ?? undefined,
      limits,
    )
  } catch (error) {
    reader.cancel().catch(() => {})
    throw error
  }
}
