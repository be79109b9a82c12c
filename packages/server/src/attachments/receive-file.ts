/**
 * Reads a form with one file as it comes (RFC 7578), and writes the file to disk. What is wrong with the form ends it where that is
 * seen, and what still comes is dropped: a caller may read no answer while it is sending.
 */
import { rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { Busboy, type BusboyHeaders } from '@fastify/busboy'
import { type Issue, NotBegun, Refusal } from '../accept/refusal.js'
import { type Spooled, spool } from './spool.js'

export interface ReceivedFile extends Spooled {
  /** As the caller gave it. */
  name: string | undefined
}

/** The part of the form that is the file. */
const PART = 'file'
/** Bytes that a form may have beside its file. */
const FORM_BYTES = 16_384
/** Milliseconds for which a caller that is refused may go on sending. Then its connection is closed, and an answer not yet read is lost. */
const LINGER_MS = 2_000
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/**
 * @param limit the most bytes that a file may have
 * @param path where the file is written; there is none if this rejects
 * @throws {Refusal} `invalid_request`, `file_too_large`, `storage_full`; {NotBegun} if the caller has gone
 */
export async function receiveFile(request: IncomingMessage, path: string, limit: number): Promise<ReceivedFile> {
  try {
    if (Number(request.headers['content-length'] ?? 0) > limit + FORM_BYTES) throw tooLarge(limit)
    return await readForm(request, path, limit)
  } catch (error) {
    await rm(path, { force: true })
    dropRest(request)
    throw NO_ROOM.has((error as NodeJS.ErrnoException).code ?? '') ? noRoom() : error
  }
}

export const noRoom = () => new Refusal('storage_full', 'There is no room for the file; nothing was kept of it.')

async function readForm(request: IncomingMessage, path: string, limit: number): Promise<ReceivedFile> {
  const form = parserOf(request, limit)
  const giveUp = new AbortController()
  let writing: Promise<ReceivedFile> | undefined
  let left: () => void = () => {}
  const read = new Promise<void>((resolve, reject) => {
    form.on('file', (part: string, stream: Readable & { truncated?: boolean }, name?: string) => {
      // of a form that breaks off, maybe before the file on disk is open: without a listener it would end the process.
      // A disk that fails destroys the stream first
      stream.on('error', () => stream.destroyed || reject(malformed()))
      // a stream that is not read holds up the form
      if (part !== PART || writing) {
        stream.resume()
        reject(invalid(part === PART ? twice : noField(part)))
        return
      }
      stream.on('limit', () => reject(tooLarge(limit)))
      writing = spool(stream, path, giveUp.signal).then((spooled) => ({ ...spooled, name }))
      writing.catch(reject)
    })
    form.on('field', (part: string) => reject(invalid(part === PART ? notAFile : noField(part))))
    form.on('partsLimit', () => reject(invalid(twice)))
    form.on('error', () => reject(malformed()))
    form.on('finish', () => resolve())
    // a request that was answered while it came, as for being slow, is not told of the end of its connection
    left = () => request.complete || reject(new NotBegun('caller_gone'))
    request.once('close', left)
    request.socket.once('close', left)
    request.pipe(form)
  })
  try {
    await read
    const received = await writing
    if (!received) throw invalid({ path: `/${PART}`, message: 'is required' })
    if (received.size === 0) throw invalid({ path: `/${PART}`, message: 'must have a byte at least' })
    return received
  } catch (error) {
    giveUp.abort()
    request.unpipe(form)
    form.on('error', () => {}).destroy()
    // the file is closed before it is removed
    await writing?.catch(() => {})
    throw error
  } finally {
    request.off('close', left)
    request.socket.off('close', left)
  }
}

function parserOf({ headers }: IncomingMessage, limit: number) {
  try {
    return new Busboy({
      headers: headers as BusboyHeaders,
      fileHwm: 65_536,
      limits: {
        fileSize: limit,
        files: 2,
        fields: 1,
        parts: 2,
        fieldSize: 1_024,
        fieldNameSize: 100,
        headerPairs: 20,
      },
    })
  } catch {
    throw malformed()
  }
}

/** What still comes of a form that is refused. */
export function dropRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return
  const timer = setTimeout(() => request.destroy(), LINGER_MS)
  const end = () => clearTimeout(timer)
  request.once('end', end).once('close', end).resume()
}

const twice: Issue = { path: `/${PART}`, message: 'must stand once: a form has one file' }
const notAFile: Issue = { path: `/${PART}`, message: 'must be a file, with a filename' }
const noField = (part: string): Issue => ({ path: `/${part}`, message: 'is no field of this form' })

const invalid = (issue: Issue) =>
  new Refusal('invalid_request', `The request breaks the contract at ${issue.path}: ${issue.message}.`, [issue])

const malformed = () => new Refusal('invalid_request', 'The body is no form as RFC 7578 has it.')

const tooLarge = (limit: number) =>
  new Refusal('file_too_large', `The file is over ${limit} bytes.`, [
    { path: `/${PART}`, message: `must not be over ${limit} bytes` },
  ])
