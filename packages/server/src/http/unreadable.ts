import type { Socket } from 'node:net'
import { v7 as uuidv7 } from 'uuid'
import { Refusal } from '../messaging/refusal.js'
import type { Log } from '../telemetry/log.js'
import { errorAnswer } from './errors.js'

/** Milliseconds within which a request has to be there as a whole. */
export const REQUEST_TIMEOUT = 30_000

const REASONS: Record<string, string> = {
  HPE_HEADER_OVERFLOW: 'The headers are over 16384 bytes.',
  ERR_HTTP_REQUEST_TIMEOUT: `The request did not arrive within ${REQUEST_TIMEOUT / 1000} s.`,
}

/** What is no HTTP, or too much of it, never becomes a request; its sender gets the one error body all the same. */
export const answerUnreadable =
  (log: Log) =>
  (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return
    const requestId = uuidv7()
    log.debug({ requestId, code: error.code }, 'unreadable')
    if (socket.writable) {
      const reason = REASONS[error.code ?? ''] ?? 'The request is not HTTP.'
      const { body } = errorAnswer(new Refusal('invalid_request', reason), requestId)
      const text = JSON.stringify(body)
      socket.write(
        [
          'HTTP/1.1 400 Bad Request',
          'content-type: application/json; charset=utf-8',
          `content-length: ${Buffer.byteLength(text)}`,
          `x-request-id: ${requestId}`,
          'connection: close',
          '',
          text,
        ].join('\r\n'),
      )
    }
    socket.destroy(error)
  }
