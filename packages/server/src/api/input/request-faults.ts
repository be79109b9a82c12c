/** What is wrong with a request as HTTP: RFC 9112, and limits of our own. */
import type { IncomingMessage } from 'node:http'
import type { KnownErrorCode } from '@tract/contract'

export interface Fault {
  code: KnownErrorCode
  message: string
}

/** Bytes of a request's head. */
export const HEAD_LIMIT = 16_384
/** Characters; RFC 9110 §4.1 wants 8,000 at least. */
const URL_LIMIT = 8_192
/** Lines of a head: Node silently drops those beyond 2,000. */
const LINES_LIMIT = 200

/** RFC 3986 §3.2.2, with a port; without the comma, which no name has, but two lines that were joined. */
const HOST = /^(\[[0-9a-fA-F:.]+\]|[\w.~!$&'()*+;=%-]*)(:\d*)?$/
/** Of lines that stand once, Node takes the first, or makes one text of two keys; an intermediary may take the last. */
const ONCE = new Set(['host', 'authorization', 'content-type', 'idempotency-key'])
const ONCE_LENGTHS = new Set([...ONCE].map(({ length }) => length))
const ABSOLUTE_FORM = /^https?:\/\/[^/?]*/i

const wrong = (message: string): Fault => ({ code: 'invalid_request', message })
const TOO_LONG: Fault = { code: 'uri_too_long', message: `The URL is over ${URL_LIMIT} characters.` }

/** RFC 9112 §3.2.2: a server takes the absolute form of a target too. From here on there is one form. */
export function normalise(request: IncomingMessage): void {
  const { url = '/' } = request
  if (url.charCodeAt(0) === 0x2f || !ABSOLUTE_FORM.test(url)) return
  const path = url.replace(ABSOLUTE_FORM, '')
  request.url = path.startsWith('/') ? path : `/${path}`
}

/** @returns what is wrong with the request, if something is */
export function requestFault({ httpVersion, url = '', headers, rawHeaders }: IncomingMessage): Fault | undefined {
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return wrong(`HTTP/${httpVersion} is not spoken here, HTTP/1.1 is.`)
  if (url.length > URL_LIMIT) return TOO_LONG
  if (rawHeaders.length > 2 * LINES_LIMIT)
    return { code: 'headers_too_large', message: `The request has over ${LINES_LIMIT} header lines.` }
  const twice = repeated(rawHeaders)
  if (twice !== undefined) return wrong(`The header ${twice} stands there twice.`)
  const { host, 'transfer-encoding': coding } = headers
  if (host === undefined && httpVersion === '1.1') return wrong('The header Host is missing.')
  if (host !== undefined && !HOST.test(host)) return wrong('The header Host is no host.')
  if (coding === undefined) return undefined
  if (httpVersion === '1.0') return wrong('HTTP/1.0 has no Transfer-Encoding.')
  if (coding.toLowerCase() !== 'chunked') return wrong('The only Transfer-Encoding that is taken is chunked.')
  return undefined
}

function repeated(lines: readonly string[]): string | undefined {
  let seen: string[] | undefined
  for (let index = 0; index < lines.length; index += 2) {
    const line = lines[index] as string
    if (!ONCE_LENGTHS.has(line.length)) continue
    const name = line.toLowerCase()
    if (!ONCE.has(name)) continue
    if (seen?.includes(name)) return name
    seen ??= []
    seen.push(name)
  }
  return undefined
}

/** What is wrong with a request that Node's parser rejected, or that did not arrive in time. */
export function unreadableFault(error: NodeJS.ErrnoException, requestTimeout: number): Fault {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        code: 'request_timeout',
        message: `The request did not arrive within ${requestTimeout / 1_000} s.`,
      }
    case 'HPE_HEADER_OVERFLOW':
      return isOfUrl(error)
        ? TOO_LONG
        : { code: 'headers_too_large', message: `The headers are over ${HEAD_LIMIT} bytes.` }
    default:
      return wrong('The request is not HTTP/1.1.')
  }
}

/** Did the head get too long in its first line? Told by the last piece that was read; one that begins later does not tell. */
function isOfUrl(error: NodeJS.ErrnoException): boolean {
  const { rawPacket, bytesParsed } = error as { rawPacket?: Buffer; bytesParsed?: number }
  const read = rawPacket?.toString('latin1', 0, bytesParsed) ?? ''
  return /^[A-Z]+ \S+$/.test(read.slice(read.lastIndexOf('\n') + 1))
}
