import { errors } from 'undici'
import type { EndpointError } from './acknowledgement.js'

const CODES: Record<string, EndpointError> = {
  ERR_EGRESS_REFUSED: 'egress_refused',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ENOTFOUND: 'dns',
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_reset',
  EPIPE: 'connection_reset',
  UND_ERR_SOCKET: 'connection_reset',
  ERR_ANSWER_BEYOND_BOUND: 'protocol',
  UND_ERR_HEADERS_OVERFLOW: 'protocol',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'protocol',
  EPROTO: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
}

const FAMILIES: readonly (readonly [prefix: string, error: EndpointError])[] = [
  ['EAI_', 'dns'],
  ['ERR_TLS_', 'tls'],
  ['ERR_SSL_', 'tls'],
  ['CERT_', 'tls'],
  ['UNABLE_TO_', 'tls'],
]

/** The error class of an attempt that got no answer. */
export function classifyError(error: unknown): EndpointError {
  // It has a code for some of what it refuses only.
  if (error instanceof errors.HTTPParserError) return 'protocol'
  const code = codeOf(error)
  return CODES[code] ?? FAMILIES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'connection_failed'
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}
