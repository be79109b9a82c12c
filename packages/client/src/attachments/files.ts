/** The methods whose body, or answer, is a file. */
import type { UploadedAttachment } from '@tract/contract'
import type { Operation } from '../calls/operation.js'
import { type Answered, TractPromise } from '../calls/promise.js'
import { Resource } from '../calls/resource.js'
import { TractError } from '../errors.js'
import type { CallOptions } from '../options.js'
import type { ByteStream } from '../transport/bytes.js'
import { type FileInput, formOf } from './form.js'

const PATH = '/tract/attachments/'
const UPLOAD: Operation = { name: 'attachments.upload', method: 'POST', path: PATH, repeat: 'with key' }
const GET = { name: 'attachments.get', method: 'GET', repeat: 'always', streams: true } as const

/** Milliseconds: the service gives a file 30 seconds to arrive. */
const UPLOAD_TIMEOUT = 35_000

export interface UploadOptions extends CallOptions {
  /** The file's name; that of a `File` if absent. */
  name?: string
  /** What it is said to be; the service goes by the content. */
  contentType?: string
}

export interface DownloadOptions extends CallOptions {
  /** One part of the file: bytes from `start` to `end`, counted from 0, both included; to the end of the file without `end`. */
  range?: { start: number; end?: number }
}

/** A file, or the part of it that was asked for, as it arrives. */
export interface DownloadedFile {
  /** Its bytes. Read them all, or `cancel()` it: until then it holds its connection. It fails with an error of the SDK. */
  body: ByteStream
  name: string
  contentType: string
  /** Bytes of the whole file. */
  size: number
  /** Which bytes of it these are, where a part was asked for. */
  range: { start: number; end: number } | undefined
}

export abstract class Files extends Resource {
  /**
   * Upload a file
   *
   * For a message to name in `attachments`, within a day. A stream is sent as it comes, and the call is repeated only while nothing was read of it; a
   * `Blob`, a `File` or bytes are sent again. One attempt may take 35 seconds unless `timeout` says otherwise.
   *
   * Error codes of its own: `file_too_large`, `storage_full`, `unnamed_files_full`.
   */
  upload(input: FileInput, options: UploadOptions = {}): TractPromise<UploadedAttachment> {
    return new TractPromise(this.#upload(input, options))
  }

  /**
   * Download a file
   *
   * The answer is there when the first bytes are. `timeout` bounds the wait for it, and for each further piece; `signal` ends both.
   *
   * Error codes of its own: `attachment_not_found`, `range_not_satisfiable`.
   */
  get(id: string, { range, ...options }: DownloadOptions = {}): TractPromise<DownloadedFile> {
    return new TractPromise(this.#get(id, range, options))
  }

  async #upload(input: FileInput, options: UploadOptions): Promise<Answered<UploadedAttachment>> {
    const { name = (input as { name?: string }).name, contentType = (input as Blob).type } = options
    if (!name) throw new TypeError('upload needs the name of the file: give a File, or { name }')
    const type = contentType || 'application/octet-stream'
    if (!/^[\x20-\x7e]+$/.test(type)) throw new TypeError('contentType has to be a media type, such as image/png')
    const raw = formOf(input, name, type)
    try {
      return await this.$answer<UploadedAttachment>(UPLOAD, { raw }, { timeout: UPLOAD_TIMEOUT, ...options })
    } catch (error) {
      if (!raw.failure) throw error
      throw new TractError(UPLOAD.name, 'The file could not be read to its end.', raw.failure.cause)
    } finally {
      raw.close?.()
    }
  }

  async #get(id: string, range: DownloadOptions['range'], options: CallOptions): Promise<Answered<DownloadedFile>> {
    const asked = range && { range: `bytes=${range.start}-${range.end ?? ''}` }
    const operation = { ...GET, path: PATH + encodeURIComponent(id) }
    const headers = { accept: '*/*', ...options.headers, ...asked }
    const answered = await this.$answer<ByteStream>(operation, {}, { ...options, headers })
    const fields = answered.response.headers
    const [, start, end, whole] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(fields['content-range'] ?? '') ?? []
    const data = {
      body: answered.data,
      name: nameIn(fields['content-disposition'] ?? ''),
      contentType: fields['content-type'] ?? '',
      size: Number(whole ?? fields['content-length']),
      range: whole === undefined ? undefined : { start: Number(start), end: Number(end) },
    }
    return { ...answered, data }
  }
}

/** As the service writes it (RFC 6266). */
function nameIn(disposition: string): string {
  const [, encoded] = /filename\*=UTF-8''([^;]+)/i.exec(disposition) ?? []
  if (encoded !== undefined) return decodeURIComponent(encoded)
  const [, quoted, bare = ''] = /filename=(?:"((?:\\.|[^"\\])*)"|([^;\s]+))/i.exec(disposition) ?? []
  return quoted?.replace(/\\(.)/g, '$1') ?? bare
}
