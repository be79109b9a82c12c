import type { Credentials } from '../options.js'
import { AssertionSigner } from './private-key.js'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Says who the client is, in the fields of a form (RFC 6749 §2.3.1, RFC 7523 §2.2). */
export type ClientAuthentication = () => Promise<Record<string, string>>

/** @param issuer the name that the service goes by: an assertion is made out to it */
export function clientAuthentication(credentials: Credentials, issuer: () => Promise<string>): ClientAuthentication {
  const { clientId, clientSecret, privateKey } = credentials
  if (!clientId) throw new TypeError('clientId is missing')
  if (clientSecret) return async () => ({ client_id: clientId, client_secret: clientSecret })
  if (!privateKey) throw new TypeError('clientSecret or privateKey is missing')
  const signer = new AssertionSigner(privateKey)
  return async () => ({
    client_id: clientId,
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: await signer.sign(clientId, await issuer()),
  })
}
