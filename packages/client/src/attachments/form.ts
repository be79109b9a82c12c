/** A form with one file (RFC 7578), written around the file as it comes: nothing is gathered. */
import { randomId } from '../authentication/private-key.js'
import type { RawBody } from '../calls/operation.js'
import { piecesOf, streamOf } from '../transport/bytes.js'

/** What can be uploaded. A `Blob` or bytes can be sent again; a stream only as long as nothing was read of it. */
export type FileInput = Blob | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

export interface FileForm extends RawBody {
  /** What the stream that is sent failed with itself. */
  failure?: { cause: unknown }
  /** Closes the source: a `fetch` that is broken off leaves it open. */
  close?: () => void
}

export function formOf(input: FileInput, name: string, type: string): FileForm {
  const boundary = `tract-${randomId()}`
  const quoted = name.replace(/["\r\n]/g, encodeURIComponent)
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${quoted}"\r\ncontent-type: ${type}\r\n\r\n`
  const tail = `\r\n--${boundary}--\r\n`
  const contentType = `multipart/form-data; boundary=${boundary}`
  if (input instanceof Blob || input instanceof Uint8Array) {
    const form = new Blob([head, input as BlobPart, tail])
    return { contentType, body: () => form }
  }
  const source = 'getReader' in input ? () => piecesOf(input) : () => input
  let isSpent = false
  async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    isSpent = true
    const encoder = new TextEncoder()
    yield encoder.encode(head)
    try {
      yield* source()
    } catch (cause) {
      form.failure = { cause }
      throw cause
    }
    yield encoder.encode(tail)
  }
  let sent: ReturnType<typeof pieces> | undefined
  const body = () => {
    sent = pieces()
    return streamOf(sent)
  }
  const close = () => void sent?.return().catch(() => {})
  const form: FileForm = { contentType, body, isSpent: () => isSpent, close }
  return form
}
