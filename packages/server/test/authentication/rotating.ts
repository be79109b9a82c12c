/** Processes that share signing keys and a clock, for suites about the rotation of keys. */
import { afterEach, beforeEach, expect } from '@jest/globals'
import { decodeProtectedHeader } from 'jose'
import type pg from 'pg'
import { type Authentication, openAuthentication } from '../../src/authentication/authentication.js'
import { SecretBox } from '../../src/database/secret-box.js'
import { type Database, openDatabase } from './database.js'
import { addClient, basic, SECRET_KEY } from './service.js'

export const DAY = 86_400_000
export const ID = 'acme'
/** In seconds. Nothing happens in the background within a test: it is told when to. */
export const SETTINGS = {
  tokenLifetimeSeconds: 900,
  publishLeadSeconds: 600,
  keyReloadSeconds: 60,
  signingKeyRotationDays: 30,
  unknownKidPauseSeconds: 0,
}

export let database: Database
/** What the time is for every process of a test. */
export const clock = { now: 0 }
const opened: Authentication[] = []

export async function open(
  pool: pg.Pool = database.pool,
  settings: Partial<typeof SETTINGS> = {},
  secretKey = SECRET_KEY,
  skew = 0,
) {
  const authentication = await openAuthentication({
    pool,
    secretBox: new SecretBox(secretKey),
    publicUrl: 'https://tract.example',
    scopes: [],
    onError: () => {},
    settings: { ...SETTINGS, ...settings },
    now: () => clock.now + skew,
  })
  opened.push(authentication)
  return authentication
}

export async function issue(authentication: Authentication): Promise<string> {
  const { status, body } = await authentication.issueToken({
    authorizationHeader: basic(ID, 's').authorization,
    form: { grant_type: 'client_credentials' },
  })
  expect(status).toBe(200)
  return body.access_token as string
}

export const kidOf = (token: string) => decodeProtectedHeader(token).kid
export const published = (authentication: Authentication) => authentication.jwks().keys.map((key) => key.kid)
export const stored = async () => (await database.stored.rows('signing_keys', {}, 'activates_at')).map(({ kid }) => kid)
export const isValid = async (authentication: Authentication, token: string) => (await authentication.verify(token)).ok

export function useDatabase(): void {
  beforeEach(async () => {
    database = await openDatabase()
    clock.now = Date.UTC(2026, 10, 22)
    await addClient(database.stored, { clientId: ID, secret: 's' })
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((authentication) => authentication.close()))
    await database.close()
  })
}
