import type { Stored } from '@tract/testing/stored'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import type { JSONWebKeySet } from 'jose'
import type pg from 'pg'
import { v7 as uuid } from 'uuid'
import { formBody } from '../../src/api/input/request-body.js'
import {
  type Authentication,
  type AuthenticationSettings,
  openAuthentication,
} from '../../src/authentication/authentication.js'
import { bearerToken } from '../../src/authentication/bearer.js'
import type { OAuthAnswer } from '../../src/authentication/oauth-error.js'
import { hashClientSecret } from '../../src/database/new-secrets.js'
import { SecretBox } from '../../src/database/secret-box.js'

const SCOPES = ['hooks', 'messages:write', 'threads:control', 'platform:admin']
export const SECRET_KEY = Buffer.alloc(32, 7)

export interface Service {
  url: string
  authentication: Authentication
  /** What failed in the background. */
  errors: unknown[]
  close(): Promise<void>
}

export interface ServiceOptions {
  pool: pg.Pool
  /** Behind the same address as another instance; its own, when absent. */
  publicUrl?: string
  settings?: Partial<AuthenticationSettings>
  now?: () => number
}

/** One process of the service, as far as authentication goes, on a port of its own. */
export async function startAuthentication({
  pool,
  publicUrl,
  settings = {},
  now = Date.now,
}: ServiceOptions): Promise<Service> {
  const app = Fastify({ pluginTimeout: 0 })
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, formBody(body as Buffer)),
  )
  let authentication!: Authentication
  const send = (reply: FastifyReply, { status, headers, body }: OAuthAnswer) =>
    reply.code(status).headers(headers).send(body)
  const asked = (request: FastifyRequest) => ({
    authorizationHeader: request.headers.authorization,
    form: request.body,
  })
  app.post('/tract/auth/token/', async (request, reply) => send(reply, await authentication.issueToken(asked(request))))
  app.post('/tract/auth/revoke/', async (request, reply) =>
    send(reply, await authentication.revokeToken(asked(request))),
  )
  app.get('/tract/auth/jwks/', () => authentication.jwks())
  app.get('/.well-known/oauth-authorization-server', () => authentication.metadata())
  app.get('/whoami', async (request, reply) => {
    const token = bearerToken(request.headers.authorization)
    const access = token === undefined ? undefined : authentication.verifyCached(token)
    const verification = access ? { ok: true as const, access } : await authentication.verify(token)
    if (!verification.ok) return reply.code(401).send({ failure: verification.failure })
    return { ...verification.access, scopes: [...verification.access.scopes] }
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const errors: unknown[] = []
  authentication = await openAuthentication({
    pool,
    secretBox: new SecretBox(SECRET_KEY),
    publicUrl: publicUrl ?? url,
    scopes: SCOPES,
    onError: (error) => errors.push(error),
    settings,
    now,
  })
  return {
    url,
    authentication,
    errors,
    async close() {
      await app.close()
      await authentication.close()
    },
  }
}

export interface NewClient {
  clientId?: string
  secret?: string
  previousSecret?: { secret: string; expiresAt: Date }
  jwks?: JSONWebKeySet
  scopes?: string[]
  /** Null: an operator's client. */
  listener?: string | null
}

export interface ProvisionedClient {
  clientId: string
  organisationId: string | null
}

/** A client of an organisation and a listener of its own. */
export async function addClient(stored: Stored, client: NewClient = {}): Promise<ProvisionedClient> {
  const { clientId = `client-${uuid()}`, secret, previousSecret, jwks, scopes = ['hooks', 'messages:write'] } = client
  const { listener = 'desk' } = client
  const organisationId = listener === null ? null : uuid()
  const times = { created_at: new Date(), updated_at: new Date() }
  if (organisationId !== null) {
    await stored.insert('organisations', { id: organisationId, name: 'Acme', ...times })
    const desk = { kind: 'ect', name: 'Desk', is_primary: false }
    await stored.insert('listeners', { organisation_id: organisationId, listener_id: listener, ...desk, ...times })
  }
  await stored.insert('clients', {
    ...{ client_id: clientId, organisation_id: organisationId, listener_id: listener, name: 'Client', scopes, jwks },
    secret_hash: secret === undefined ? null : hashClientSecret(secret),
    previous_secret_hash: previousSecret ? hashClientSecret(previousSecret.secret) : null,
    previous_secret_expires_at: previousSecret?.expiresAt,
    ...times,
  })
  return { clientId, organisationId }
}

export interface Answer {
  status: number
  headers: Headers
  body: Record<string, unknown>
}

/** A form-encoded POST. A list of pairs can hold a parameter twice. */
export async function postForm(
  url: string,
  form: Record<string, string> | [string, string][],
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form), headers })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  }
}

export function basic(clientId: string, secret: string): { authorization: string } {
  const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+')
  return { authorization: `Basic ${Buffer.from(`${encode(clientId)}:${encode(secret)}`).toString('base64')}` }
}

export async function getToken(service: Service, clientId: string, secret: string): Promise<string> {
  const answer = await postForm(
    `${service.url}/tract/auth/token/`,
    { grant_type: 'client_credentials' },
    basic(clientId, secret),
  )
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
  return answer.body.access_token as string
}

/** A call with a token. */
export async function whoami(
  service: Service,
  token: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${service.url}/whoami`, { headers: { authorization: `Bearer ${token}` } })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
