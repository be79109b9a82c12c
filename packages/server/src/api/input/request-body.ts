import { isUtf8 } from 'node:buffer'
import { findUnstorable, readJson } from '@tract/contract'
import type { FastifyRequest } from 'fastify'
import { Refusal } from '../../accept/refusal.js'
import { ContractViolation } from '../errors.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The body with every digit of its numbers, where `body` has lost some. */
    exactBody: unknown
  }
}

const CHARSET = /;\s*charset\s*=\s*"?([^\s";]*)/i

/** Codings are named in any case, and in lists (RFC 9110 §8.4). */
const IDENTITY = /^identity(\s*,\s*identity)*$/i

/** A byte order mark is no part of the text (RFC 8259 §8.1). */
const MARK = '\ufeff'

/** @throws {Refusal} `unsupported_media_type` for a body that is coded or in another charset than UTF-8 */
export function checkCoding({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && !IDENTITY.test(encoding))
    throw new Refusal(
      'unsupported_media_type',
      `A body in Content-Encoding ${encoding} is not taken; send it as it is.`,
    )
  const charset = CHARSET.exec(headers['content-type'] ?? '')?.[1]
  if (charset !== undefined && !/^utf-?8$/i.test(charset))
    throw new Refusal('unsupported_media_type', `A body in the charset ${charset} is not taken; send it in UTF-8.`)
}

/** @throws {Refusal} `malformed_json` if it is not JSON, {ContractViolation} if it could not be stored */
export function jsonBody(request: FastifyRequest, bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new Refusal('malformed_json', 'The body is not UTF-8: it has bytes that are no character.')
  const text = bytes.toString('utf8')
  const { rounded, exact } = parsed(text.startsWith(MARK) ? text.slice(1) : text)
  const issues = findUnstorable(exact, '')
  if (issues.length > 0) throw new ContractViolation(issues)
  if (exact !== rounded) request.exactBody = exact
  return rounded
}

function parsed(text: string) {
  try {
    return readJson(text)
  } catch {
    const reason = text === '' ? 'The body is empty; send a JSON object.' : 'The body is not JSON.'
    throw new Refusal('malformed_json', reason)
  }
}

/** Names and values of a form; a name that comes more than once has all its values. */
export function formBody(bytes: Buffer): Record<string, string | string[]> {
  if (!isUtf8(bytes)) throw new ContractViolation([{ path: '', message: 'must be UTF-8' }])
  const text = bytes.toString('utf8')
  checkEncoded(text, '/')
  const fields: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    const before = fields[name]
    fields[name] = before === undefined ? value : [before, value].flat()
  }
  return fields
}

/** @throws {ContractViolation} where percent-encoded bytes are no UTF-8: read all the same, they would be other text */
export function checkEncoded(text: string, prefix: string): void {
  if (!text.includes('%')) return
  const issues = text.split('&').flatMap((pair) => {
    if (isDecodable(pair)) return []
    const [name = ''] = pair.split('=', 1)
    return [
      { path: prefix + (isDecodable(name) ? decodeURIComponent(name) : ''), message: 'must be percent-encoded UTF-8' },
    ]
  })
  if (issues.length > 0) throw new ContractViolation(issues)
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
