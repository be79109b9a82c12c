/** Access tokens that the service would not issue. */
import type { TestService } from '@tract/testing/service'
import { decodeJwt, SignJWT } from 'jose'
import { ACCESS_TOKEN_TYPE } from '../../../src/authentication/access-token.js'
import { openSigningKey, SIGNING_ALGORITHM, type SigningKey } from '../../../src/authentication/signing-key.js'
import { listSigningKeys } from '../../../src/authentication/signing-keys.js'
import { SecretBox } from '../../../src/database/secret-box.js'
import { loadOrCreateSecretKey } from '../../../src/database/secret-key.js'

export interface Forgery {
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
}

/** Signs with the service's own key: what only the service could have signed, and would not. */
export class Forger {
  private constructor(readonly key: SigningKey) {}

  static async of({ stored, dataDir }: TestService): Promise<Forger> {
    const box = new SecretBox(await loadOrCreateSecretKey(dataDir))
    const [key] = await listSigningKeys(stored.pool, Date.now())
    if (!key) throw new Error('the service has no signing key')
    return new Forger(await openSigningKey(box, key))
  }

  /** A token with the claims of another one, except for what is given. */
  forge(token: string, { claims = {}, header = {} }: Forgery): Promise<string> {
    return new SignJWT({ ...decodeJwt(token), ...claims })
      .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid: this.key.kid, typ: ACCESS_TOKEN_TYPE, ...header })
      .sign(this.key.privateKey)
  }

  /** The same token as it will be in an hour, long expired. */
  expired(token: string): Promise<string> {
    const hourAgo = Math.floor(Date.now() / 1000) - 3600
    return this.forge(token, { claims: { iat: hourAgo - 900, exp: hourAgo, jti: 'expired' } })
  }
}
