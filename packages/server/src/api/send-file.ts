/** The answer that is a file. Whatever is in it, no browser runs it or takes it for something else. */
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import contentDisposition from 'content-disposition'
import parseRange from 'range-parser'
import { Refusal } from '../accept/refusal.js'
import type { AttachmentRecord } from '../attachments/attachment-rows.js'
import type { BytesRange } from '../attachments/file-store.js'
import type { Call } from './call.js'

/** Images that hold nothing that runs. */
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/**
 * Sends the file, or the part of it that was asked for.
 * @param read opens it; before that, nothing is answered
 * @throws {Refusal} `range_not_satisfiable`
 */
export async function sendFile(
  call: Call,
  file: AttachmentRecord,
  read: (range: BytesRange) => Promise<Readable>,
): Promise<string> {
  const tag = `"${file.sha256}"`
  const part = partOf(call, file.size, tag)
  const range = part ?? { start: 0, end: file.size - 1 }
  const stream = await read(range)
  const type = SHOWN.has(file.contentType) ? 'inline' : 'attachment'
  const answer = call.takeOver()
  answer.writeHead(part ? 206 : 200, {
    'content-type': file.contentType === 'text/plain' ? 'text/plain; charset=utf-8' : file.contentType,
    'content-length': range.end - range.start + 1,
    'content-disposition': contentDisposition(file.name, { type, fallback: file.name.replace(/[^\x20-\x7e]/g, '?') }),
    // an image is shown; a page of it, or a script in it, is nothing
    'content-security-policy':
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'cross-origin',
    'accept-ranges': 'bytes',
    etag: tag,
    ...(part && { 'content-range': `bytes ${part.start}-${part.end}/${file.size}` }),
  })
  // a caller that hangs up, or a store that breaks off, ends it: the length tells the caller
  await pipeline(stream, answer).catch(() => answer.destroy())
  // what goes out has been taken over
  return ''
}

/** A file that has fewer is sent whole (RFC 9110 §14.1.2), which the library refuses. */
const LAST_BYTES = /^bytes=\s*-(\d+)\s*$/i

/** The one part that was asked for; undefined for the whole. */
function partOf({ request: { headers } }: Call, size: number, tag: string): BytesRange | undefined {
  const { range, 'if-range': ifRange } = headers
  if (range === undefined || (ifRange !== undefined && ifRange !== tag)) return undefined
  // A unit that is not known is no range (RFC 9110 §14.2).
  if (!/^bytes=/i.test(range)) return undefined
  const [, last] = LAST_BYTES.exec(range) ?? []
  if (Number(last) > size) return { start: 0, end: size - 1 }
  const parts = parseRange(size, range)
  if (parts === -1) throw new Refusal('range_not_satisfiable', `The file has ${size} bytes.`)
  const [part] = parts === -2 || parts.type !== 'bytes' ? [] : parts
  return part && (parts as unknown[]).length === 1 ? part : undefined
}
