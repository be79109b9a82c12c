import type { JSONWebKeySet } from 'jose'
import type pg from 'pg'
import { transaction } from '../database/database.js'
import { listen } from '../database/notifications.js'
import type { Queryable } from '../database/queryable.js'
import type { SecretBox } from '../database/secret-box.js'
import { AccessWatch } from './access-watch.js'
import { assertionAudiences, oauthEndpoints } from './endpoints.js'
import { KeyRing } from './key-ring.js'
import type { NewSigningKey } from './key-rotation.js'
import { type AuthorizationServerMetadata, authorizationServerMetadata } from './metadata.js'
import type { OAuthAnswer } from './oauth-error.js'
import { revokeToken } from './revocation-endpoint.js'
import { insertRevocation, REVOCATIONS_CHANNEL } from './revocations.js'
import { type OpenedSession, openSession } from './session.js'
import { SIGNING_KEYS_CHANNEL } from './signing-keys.js'
import { issueToken } from './token-endpoint.js'
import type { OAuthRequest } from './token-request.js'
import { type Access, TokenVerifier, type Verification } from './token-verifier.js'

export interface AuthenticationOptions {
  pool: pg.Pool
  secretBox: SecretBox
  /** The service's address as its clients know it: the issuer, and the audience of access tokens. */
  publicUrl: string
  /** Every scope there is, for the metadata. */
  scopes: readonly string[]
  /** What failed in the background; it is tried again. */
  onError: (error: unknown) => void
  settings?: Partial<AuthenticationSettings>
  /** In ms since the epoch. */
  now?: () => number
}

export interface AuthenticationSettings {
  tokenLifetimeSeconds: number
  sessionLifetimeSeconds: number
  signingKeyRotationDays: number
  /** How long a signing key is published before it signs: longer than anybody caches the JWKS. */
  publishLeadSeconds: number
  /** How often signing keys are read anew, and expired rows removed. */
  keyReloadSeconds: number
  /** How often revocations and disabled clients are read anew, should a notification have been missed. */
  accessPollSeconds: number
  unknownKidPauseSeconds: number
  /** How many verified tokens are remembered; one takes about 1 KiB. */
  cachedTokens: number
}

const DEFAULTS: AuthenticationSettings = {
  tokenLifetimeSeconds: 900,
  sessionLifetimeSeconds: 8 * 3600,
  signingKeyRotationDays: 30,
  publishLeadSeconds: 600,
  keyReloadSeconds: 60,
  accessPollSeconds: 5,
  unknownKidPauseSeconds: 1,
  cachedTokens: 10_000,
}

const CLOCK_SKEW_MS = 60_000

export interface Authentication {
  /** `POST /tract/auth/token/` */
  issueToken(request: OAuthRequest): Promise<OAuthAnswer>
  /** `POST /tract/auth/revoke/` */
  revokeToken(request: OAuthRequest): Promise<OAuthAnswer>
  /** `POST /platform/session/` */
  openSession(credentials: { clientId: string; clientSecret: string }): Promise<OpenedSession>
  /** Ends a token before its time, in every process. */
  revoke(access: Access): Promise<void>
  /** For every call, first: the access of a token that was verified before and still counts. */
  verifyCached(token: string): Access | undefined
  /** For every call, where `verifyCached` has no answer. Rejects only when the database cannot be asked. */
  verify(token: string | undefined): Promise<Verification>
  /** For what goes on after its call was verified. */
  counts(access: Access): boolean
  /** `GET /.well-known/oauth-authorization-server` */
  metadata(): AuthorizationServerMetadata
  /** `GET /tract/auth/jwks/`; to be cached for `jwksMaxAgeSeconds` at most. */
  jwks(): JSONWebKeySet
  readonly jwksMaxAgeSeconds: number
  /**
   * Changes to a new signing key: once it has been published for a while, or at once, and then tokens of the old ones
   * are refused.
   */
  rotateSigningKey(options?: { immediately?: boolean }): Promise<NewSigningKey>
  /** The same within a transaction of the caller's, who calls `reloadSigningKeys` once that is committed. */
  rotateSigningKeyIn(db: Queryable, options: { immediately: boolean }): Promise<NewSigningKey>
  reloadSigningKeys(): Promise<void>
  /** Reads revocations and disabled clients anew; other processes do it on `announceAccessChange`. */
  refreshAccess(): Promise<void>
  /** One round of what runs in the background anyway. */
  maintain(): Promise<void>
  /** Stops what runs in the background. The pool stays open. */
  close(): Promise<void>
}

/** The authorization server and the guard of every call, on the database that all processes share. */
export async function openAuthentication(options: AuthenticationOptions): Promise<Authentication> {
  const { pool, secretBox, scopes, onError, now = Date.now } = options
  const settings = { ...DEFAULTS, ...options.settings }
  const endpoints = oauthEndpoints(options.publicUrl)
  const { issuer } = endpoints

  const watch = new AccessWatch(pool, now)
  const schedule = {
    tokenLifetime: settings.tokenLifetimeSeconds * 1000,
    skew: CLOCK_SKEW_MS,
    publishLead: settings.publishLeadSeconds * 1000,
    oldestView: settings.keyReloadSeconds * 2000,
    rotateEvery: settings.signingKeyRotationDays * 86_400_000,
  }
  const keys = await KeyRing.open({ pool, box: secretBox, schedule, now }, settings.unknownKidPauseSeconds * 1000)

  const underWay = new Set<Promise<void>>()
  const inBackground = (task: Promise<void>) => {
    const done = task.catch(onError).finally(() => underWay.delete(done))
    underWay.add(done)
  }
  const catchUp = () => Promise.all([keys.reload(), watch.refresh()]).then(() => {})
  const maintain = () => Promise.all([keys.maintain(), watch.prune()]).then(() => {})

  // Listening before the first look: what changes in between is heard.
  const listening = await listen(pool, {
    channels: {
      [REVOCATIONS_CHANNEL]: (payload) => inBackground(watch.hear(payload)),
      [SIGNING_KEYS_CHANNEL]: () => inBackground(keys.reload()),
    },
    onGap: () => inBackground(catchUp()),
    onError,
  })
  const timers = [
    setInterval(() => inBackground(maintain()), settings.keyReloadSeconds * 1000).unref(),
    setInterval(() => inBackground(watch.refresh()), settings.accessPollSeconds * 1000).unref(),
  ]
  const close = async () => {
    for (const timer of timers) clearInterval(timer)
    await listening.close()
    await Promise.all(underWay)
  }
  try {
    await catchUp()
  } catch (error) {
    await close()
    throw error
  }

  const client = { db: pool, audiences: assertionAudiences(endpoints), now }
  const terms = { issuer, audience: issuer, lifetime: schedule.tokenLifetime, skew: schedule.skew }
  const sessionTerms = { ...terms, lifetime: settings.sessionLifetimeSeconds * 1000 }
  const verifier = new TokenVerifier({ keys, watch, issuer, audience: issuer, cacheSize: settings.cachedTokens, now })
  return {
    issueToken: (request) => issueToken({ ...client, keys, terms }, request),
    revokeToken: (request) => revokeToken({ ...client, verifier, watch }, request),
    openSession: (credentials) => openSession({ ...client, keys, terms: sessionTerms }, credentials),
    revoke: async ({ jti, expiresAt }) => {
      await insertRevocation(pool, { jti, expiresAt })
      watch.learn({ jti, expiresAt })
    },
    verifyCached: (token) => verifier.verifyCached(token),
    verify: (token) => verifier.verify(token),
    counts: (access) => verifier.counts(access),
    metadata: () => authorizationServerMetadata(endpoints, scopes),
    jwks: () => keys.jwks(),
    jwksMaxAgeSeconds: Math.floor(settings.publishLeadSeconds / 2),
    rotateSigningKey: async ({ immediately = false } = {}) => {
      const key = await transaction(pool, (db) => keys.rotate(immediately, db))
      await keys.reload()
      return key
    },
    rotateSigningKeyIn: (db, { immediately }) => keys.rotate(immediately, db),
    reloadSigningKeys: () => keys.reload(),
    refreshAccess: watch.refresh,
    maintain,
    close,
  }
}
