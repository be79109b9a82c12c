import type { StreamedAttempt } from '@tract/client/platform'
import { sign } from '@tract/client/webhooks'
import { readAnswer } from '../receiver-answer.js'

/** Less than the 5 seconds of an attempt, so that the answer still arrives in time. */
const TIMEOUT_MS = 4_700
/** The contract's limit. */
const LONGEST_ANSWER = 4_096

export type ForwardedAnswer =
  | { status: number; retry_after?: string; body?: string; body_incomplete?: boolean }
  | { error: 'timeout' | 'dns' | 'connection_refused' | 'connection_reset' | 'connection_failed' | 'tls' | 'protocol' }

const ERRORS: Readonly<Record<string, Extract<ForwardedAnswer, { error: string }>['error']>> = {
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_reset',
  EPIPE: 'connection_reset',
  UND_ERR_SOCKET: 'connection_reset',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  EPROTO: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
  HPE_INVALID_CONSTANT: 'protocol',
}

/**
 * Posts an attempt as it came, and brings back what the receiver made of it. The signature of the hook goes along, and behind it one by the
 * secret of this machine, which does for every hook.
 */
export async function forward(
  url: string,
  { headers, body }: StreamedAttempt,
  secret: string,
): Promise<ForwardedAnswer> {
  const id = headers['webhook-id'] ?? ''
  const timestamp = Number(headers['webhook-timestamp'])
  const gap = headers['tract-gap']
  const local = await sign({ secret, id, body, timestamp, ...(gap !== undefined && { gap }) })
  const both = (name: 'webhook-signature' | 'tract-gap-signature') =>
    local[name] && { [name]: `${headers[name]} ${local[name]}` }
  const ending = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, ...both('webhook-signature'), ...both('tract-gap-signature') },
      body,
      // as TRACT: a receiver answers itself
      redirect: 'manual',
      signal: ending,
    })
    // the service takes no other, and would refuse the answers that go with it too
    if (response.status < 200 || response.status > 599) return { error: 'protocol' }
    const retryAfter = response.headers.get('retry-after')
    const { text, isIncomplete } = await readAnswer(response, LONGEST_ANSWER)
    return {
      status: response.status,
      ...(retryAfter !== null && { retry_after: retryAfter.slice(0, 64) }),
      ...(text !== '' && { body: text }),
      ...(isIncomplete && { body_incomplete: true }),
    }
  } catch (error) {
    if (ending.aborted) return { error: 'timeout' }
    return { error: ERRORS[codeOf(error)] ?? 'connection_failed' }
  }
}

function codeOf(error: unknown): string {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown }
  return typeof code === 'string' ? code : cause === undefined ? '' : codeOf(cause)
}
