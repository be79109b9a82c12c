import type { Queryable } from '../database/queryable.js'
import { ASSERTION_TYPE, type ExaminedAssertion, examineAssertion, isSignedBy } from './client-assertion.js'
import { type ClientCredentials, findClientCredentials } from './client-credentials.js'
import { isClientSecret } from './client-secret.js'
import { OAuthError } from './oauth-error.js'
import { useAssertion } from './revocations.js'
import { type Form, required } from './token-request.js'

export const CLIENT_AUTHENTICATION_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const

export interface ClientAuthenticator {
  db: Queryable
  /** What an assertion's `aud` may be. */
  audiences: ReadonlySet<string>
  /** In ms since the epoch. */
  now: () => number
}

type Presented =
  | { method: 'client_secret_basic' | 'client_secret_post'; clientId: string; secret: string }
  | ({ method: 'private_key_jwt'; assertion: string } & ExaminedAssertion)

/**
 * RFC 6749 §2.3, RFC 7523 §2.2.
 * @throws {OAuthError} invalid_client, or invalid_request where the request itself is malformed.
 */
export async function authenticateClient(
  { db, audiences, now }: ClientAuthenticator,
  authorizationHeader: string | undefined,
  form: Form,
): Promise<ClientCredentials> {
  const presented = readCredentials(authorizationHeader, form, { audiences, now: now() })
  const { clientId } = presented
  // No client has such an id, and the database takes no NUL.
  const client = /^[\x20-\x7e]{1,128}$/.test(clientId) ? await findClientCredentials(db, clientId) : undefined

  if (presented.method !== 'private_key_jwt') {
    if (isClientSecret(client, presented.secret, now()) && client?.enabled) return client
    throw refused('it is unknown or disabled, or the secret is wrong')
  }
  if (!(await isSignedBy(presented.assertion, client?.jwks, now())) || !client?.enabled)
    throw refused('it is unknown or disabled, or no key registered for it signed the assertion')
  // Only the key's holder uses up a jti: without the key, no caller can spend a client's assertions.
  if (await useAssertion(db, clientId, presented)) return client
  throw refused('the assertion was used before, each needs a jti of its own')
}

/** The holder of a client's key is told what is wrong; a guesser gets one answer for all of it. */
const refused = (why: string) => new OAuthError('invalid_client', `client authentication failed: ${why}`)

type Examination = Parameters<typeof examineAssertion>[1]

function readCredentials(authorizationHeader: string | undefined, form: Form, examination: Examination): Presented {
  const methods = [authorizationHeader !== undefined, form.has('client_secret'), form.has('client_assertion')]
  if (methods.filter(Boolean).length > 1) {
    throw new OAuthError('invalid_request', 'more than one client authentication method is used')
  }
  if (authorizationHeader !== undefined) return readBasic(authorizationHeader, form)
  if (form.has('client_secret')) {
    return {
      method: 'client_secret_post',
      clientId: required(form, 'client_id'),
      secret: required(form, 'client_secret'),
    }
  }
  if (form.has('client_assertion')) return readAssertion(form, examination)
  throw new OAuthError(
    'invalid_client',
    'client authentication is required, by HTTP Basic, a client_secret or a client_assertion',
  )
}

function readBasic(header: string, form: Form): Presented {
  const [, encoded] = /^basic +([\w+/-]+={0,2})$/i.exec(header) ?? []
  if (encoded === undefined) {
    throw new OAuthError(
      'invalid_client',
      'the Authorization header must be Basic with base64 of client_id:client_secret',
    )
  }
  const credentials = Buffer.from(encoded, 'base64').toString()
  const colon = credentials.indexOf(':')
  if (colon === -1) throw new OAuthError('invalid_request', 'the Authorization header has no client_id:client_secret')
  const clientId = decodeFormValue(credentials.slice(0, colon))
  if (form.has('client_id') && form.get('client_id') !== clientId) {
    throw new OAuthError('invalid_request', 'client_id differs from the one in the Authorization header')
  }
  return { method: 'client_secret_basic', clientId, secret: decodeFormValue(credentials.slice(colon + 1)) }
}

/** RFC 6749 §2.3.1: both halves are form-encoded before they are joined. */
function decodeFormValue(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '))
  } catch {
    throw new OAuthError(
      'invalid_request',
      'client_id and client_secret in the Authorization header must be form-encoded',
    )
  }
}

function readAssertion(form: Form, examination: Examination): Presented {
  if (required(form, 'client_assertion_type') !== ASSERTION_TYPE) {
    throw new OAuthError('invalid_request', `client_assertion_type must be ${ASSERTION_TYPE}`)
  }
  const assertion = required(form, 'client_assertion')
  const examined = examineAssertion(assertion, examination)
  if ('problem' in examined) throw new OAuthError('invalid_client', examined.problem)
  if (form.has('client_id') && form.get('client_id') !== examined.clientId)
    throw new OAuthError('invalid_client', 'client_id differs from the one in the assertion')
  return { method: 'private_key_jwt', assertion, ...examined }
}
