/** Tells observers and the log of every attempt. */
import type { Operation } from '../calls/operation.js'
import type { Ending } from '../calls/retry.js'
import type { TractSettings } from '../options.js'
import { TransportFailure, type TransportRequest } from '../transport/transport.js'
import type { RequestInfo, ResponseInfo } from './observers.js'

/** What is worth stealing, or could be: nothing of it is told. */
const SECRET = /authorization|cookie|secret|token|api-?key/

export type Observe = ReturnType<typeof observation>

/** Undefined without an observer, so that it costs nothing. */
export function observation({ onRequest, onResponse, logger }: TractSettings) {
  if (!onRequest && !onResponse && !logger) return undefined
  const tell = <T>(observer: ((info: T) => void) | undefined, info: T) => {
    try {
      observer?.(info)
    } catch (error) {
      logger?.error(`tract: an observer threw ${error}`)
    }
  }
  return {
    /** @returns what to call when the attempt has ended */
    attempt(
      operation: Operation,
      { method, url, headers }: TransportRequest,
      attempt: number,
    ): (ending: Ending) => void {
      const request: RequestInfo = { operation: operation.name, method, url, headers: redacted(headers), attempt }
      const startedAt = performance.now()
      tell(onRequest, request)
      return (ending) => {
        const response = { ...request, ...told(ending), durationMs: Math.round(performance.now() - startedAt) }
        logger?.debug(`tract: ${line(response)}`)
        tell(onResponse, response)
      }
    },
    repetition(operation: Operation, ending: Ending, delay: number): void {
      const why = ending instanceof TransportFailure ? ending.kind : ending.status
      logger?.warn(`tract: ${operation.name} failed (${why}) and is repeated in ${Math.round(delay)} ms`)
    },
  }
}

function told(ending: Ending): Pick<ResponseInfo, 'status' | 'requestId' | 'failure'> {
  if (ending instanceof TransportFailure) return { failure: ending.kind }
  const requestId = ending.fields['x-request-id']
  return { status: ending.status, ...(requestId !== undefined && { requestId }) }
}

function line({ operation, method, url, attempt, status, failure, requestId, durationMs }: ResponseInfo): string {
  const came = `${status ?? failure} in ${durationMs} ms`
  return `${operation} ${method} ${url} attempt ${attempt}: ${came}${requestId ? `, request ${requestId}` : ''}`
}

function redacted(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, SECRET.test(name) ? '[redacted]' : value]),
  )
}
