import type pg from 'pg'
import { transaction } from '../database/database.js'
import { listen } from '../database/notifications.js'
import type { Queryable } from '../database/queryable.js'
import type { SecretBox } from '../database/secret-box.js'
import { AccessWatch } from './access-watch.js'
import { assertionAudiences, oauthEndpoints } from './endpoints.js'
import { KeyRing } from './key-ring.js'
import type { KeySchedule, NewSigningKey } from './key-rotation.js'
import { authorizationServerMetadata } from './metadata.js'
import { revokeToken } from './revocation-endpoint.js'
import { insertRevocation, REVOCATIONS_CHANNEL } from './revocations.js'
import { openSession } from './session.js'
import { SIGNING_KEYS_CHANNEL } from './signing-keys.js'
import { issueToken } from './token-endpoint.js'
import type { OAuthRequest } from './token-request.js'
import { type Access, TokenVerifier } from './token-verifier.js'

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
  /** How long a signing key is published before it signs: longer than the JWKS may be cached. */
  publishLeadSeconds: number
  /** How often signing keys are read again, and expired rows removed. */
  keyReloadSeconds: number
  /** How often revocations and disabled clients are read again, should a notification have been missed. */
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

export type Authentication = Awaited<ReturnType<typeof openAuthentication>>

/** The authorization server and the guard of every call, on the database that all processes share. */
export async function openAuthentication(options: AuthenticationOptions) {
  const { pool, secretBox, scopes, onError, now = Date.now } = options
  const settings = { ...DEFAULTS, ...options.settings }
  const endpoints = oauthEndpoints(options.publicUrl)
  const { issuer } = endpoints

  const watch = new AccessWatch(pool, now)
  const schedule = keySchedule(settings)
  const keys = await KeyRing.open({ pool, box: secretBox, schedule, now }, settings.unknownKidPauseSeconds * 1000)

  const maintain = () => Promise.all([keys.maintain(), watch.prune()]).then(() => {})
  const close = await keepUp(pool, { keys, watch, maintain, settings, onError })

  const client = { db: pool, audiences: assertionAudiences(endpoints), now }
  const terms = { issuer, audience: issuer, lifetime: schedule.tokenLifetime, skew: schedule.skew }
  const sessionTerms = { ...terms, lifetime: settings.sessionLifetimeSeconds * 1000 }
  const verifier = new TokenVerifier({ keys, watch, issuer, audience: issuer, cacheSize: settings.cachedTokens, now })
  return {
    /** `POST /tract/auth/token/` */
    issueToken: (request: OAuthRequest) => issueToken({ ...client, keys, terms }, request),
    /** `POST /tract/auth/revoke/` */
    revokeToken: (request: OAuthRequest) => revokeToken({ ...client, verifier, watch }, request),
    /** `POST /platform/session/` */
    openSession: (credentials: { clientId: string; clientSecret: string }) =>
      openSession({ ...client, keys, terms: sessionTerms }, credentials),
    /** Ends a token before its time, in every process. */
    async revoke({ jti, expiresAt }: Access): Promise<void> {
      await insertRevocation(pool, { jti, expiresAt })
      watch.learn({ jti, expiresAt })
    },
    /** For every call, first: the access of a token that was verified before and still counts. */
    verifyCached: (token: string) => verifier.verifyCached(token),
    /** For every call, where `verifyCached` has no answer. Rejects only when the database cannot be asked. */
    verify: (token: string | undefined) => verifier.verify(token),
    /** For what goes on after its call was verified. */
    counts: (access: Access) => verifier.counts(access),
    /** `GET /.well-known/oauth-authorization-server` */
    metadata: () => authorizationServerMetadata(endpoints, scopes),
    /** `GET /tract/auth/jwks/`; to be cached for `jwksMaxAgeSeconds` at most. */
    jwks: () => keys.jwks(),
    jwksMaxAgeSeconds: Math.floor(settings.publishLeadSeconds / 2),
    /** To a new key: once it has been published for a while, or immediately, and then tokens of the old ones are refused. */
    async rotateSigningKey({ immediately = false }: { immediately?: boolean } = {}): Promise<NewSigningKey> {
      const key = await transaction(pool, (db) => keys.rotate(immediately, db))
      await keys.reload()
      return key
    },
    /** The same within a transaction of the caller's, who calls `reloadSigningKeys` once that is committed. */
    rotateSigningKeyIn: (db: Queryable, { immediately }: { immediately: boolean }) => keys.rotate(immediately, db),
    reloadSigningKeys: () => keys.reload(),
    /** Reads revocations and disabled clients; other processes do it on `announceAccessChange`. */
    refreshAccess: watch.refresh,
    /** One round of what runs in the background. */
    maintain,
    /** Stops what runs in the background. The pool stays open. */
    close,
  }
}

const keySchedule = (settings: AuthenticationSettings): KeySchedule => ({
  tokenLifetime: settings.tokenLifetimeSeconds * 1000,
  skew: CLOCK_SKEW_MS,
  publishLead: settings.publishLeadSeconds * 1000,
  oldestView: settings.keyReloadSeconds * 2000,
  rotateEvery: settings.signingKeyRotationDays * 86_400_000,
})

interface Kept {
  keys: KeyRing
  watch: AccessWatch
  maintain: () => Promise<void>
  settings: AuthenticationSettings
  onError: (error: unknown) => void
}

/** Keeps keys and revocations as the database has them: by notifications, and by looking. @returns what ends that */
async function keepUp(pool: pg.Pool, { keys, watch, maintain, settings, onError }: Kept): Promise<() => Promise<void>> {
  const underWay = new Set<Promise<void>>()
  const inBackground = (task: Promise<void>) => {
    const done = task.catch(onError).finally(() => underWay.delete(done))
    underWay.add(done)
  }
  const catchUp = () => Promise.all([keys.reload(), watch.refresh()]).then(() => {})
  // Listening before the first look: what changes in between is heard.
  const listening = await listen(pool, {
    channels: {
      [REVOCATIONS_CHANNEL]: (payload) => inBackground(watch.hear(payload)),
      [SIGNING_KEYS_CHANNEL]: () => inBackground(keys.reload()),
    },
    onMissed: () => inBackground(catchUp()),
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
    return close
  } catch (error) {
    await close()
    throw error
  }
}
