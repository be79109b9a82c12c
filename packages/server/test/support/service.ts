/** The real service on a database of its own, and what tests need to talk to it over HTTP. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Credentials, Demo } from '../../src/accounts/first-start.js'
import type { AdmissionSettings } from '../../src/api/admission.js'
import type { HttpLimits } from '../../src/api/server.js'
import { readConfig } from '../../src/config.js'
import type { DeliverySettings } from '../../src/deliver/settings.js'
import { type Service, startService } from '../../src/service.js'
import type { LogDestination } from '../../src/telemetry/log.js'
import type { RetentionSettings } from '../../src/upkeep/retention.js'
import { PATIENCE_MS } from './patience.js'
import { createDatabase } from './postgres.js'

export interface Answer {
  status: number
  headers: Headers
  /** The body as it came, and parsed where it is JSON. */
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any
}

export interface CallOptions {
  method?: string
  token?: string | undefined
  headers?: Record<string, string>
  /** Sent as JSON; a string is sent as it is. */
  body?: unknown
}

export async function call(
  url: string,
  { method = 'POST', token, headers = {}, body }: CallOptions = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: parsed(text) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A client that has got its token: `client.post('/tract/user/', {user_id})`. */
export class Caller {
  constructor(
    readonly url: string,
    readonly credentials: Credentials,
    readonly token: string,
  ) {}

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return call(this.url + path, { token: this.token, body, headers })
  }

  get(path: string): Promise<Answer> {
    return call(this.url + path, { method: 'GET', token: this.token })
  }
}

export type ListenerKind = 'iva' | 'sac' | 'ect' | 'md' | 'analytics'

const VENDOR_SCOPES = [
  'hooks',
  'users:read',
  'messages:write',
  'events:write',
  'threads:read',
  'threads:control',
  'deliveries',
]
const PLATFORM_SCOPES = ['platform:users', 'platform:messages', 'platform:events']

const scopesOf = (kind: ListenerKind): string[] =>
  kind === 'ect' ? VENDOR_SCOPES : [...VENDOR_SCOPES, ...PLATFORM_SCOPES]

/** An organisation with a caller for each of its listeners. */
export interface Tenant<Names extends string> {
  organisation: string
  listeners: Record<Names, Caller>
}

export class TestService {
  private constructor(
    readonly service: Service,
    readonly databaseUrl: string,
    readonly dataDir: string,
    readonly demo: Demo,
    readonly close: () => Promise<void>,
  ) {}

  /** `route`: how the service gets to its database, other than directly. */
  static async start(
    options: {
      environment?: NodeJS.ProcessEnv
      delivery?: Partial<DeliverySettings>
      retention?: Partial<RetentionSettings>
      http?: Partial<HttpLimits>
      admission?: Partial<AdmissionSettings>
      logTo?: LogDestination
      streamGoneAfter?: number
      route?: (databaseUrl: string) => Promise<string>
    } = {},
  ): Promise<TestService> {
    const database = await createDatabase()
    const dataDir = await mkdtemp(join(tmpdir(), 'tract-test-'))
    const environment = {
      TRACT_PORT: '0',
      TRACT_DATA_DIR: dataDir,
      DATABASE_URL: options.route ? await options.route(database.url) : database.url,
      NODE_ENV: 'test',
      TRACT_LOG_LEVEL: 'silent',
      TRACT_RATE_LIMIT: '1000000',
      // no test is refused for the machine's being slow
      TRACT_LONGEST_WAIT: '600000',
      ...options.environment,
    }
    const service = await startService(readConfig(environment), {
      notice: () => {},
      ...(options.delivery && { delivery: options.delivery }),
      ...(options.retention && { retention: options.retention }),
      ...(options.streamGoneAfter !== undefined && { streamGoneAfter: options.streamGoneAfter }),
      ...(options.admission && { admission: options.admission }),
      ...(options.http && { http: options.http }),
      ...(options.logTo && { logTo: options.logTo }),
    })
    const demo: Demo = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8'))
    return new TestService(service, database.url, dataDir, demo, async () => {
      await service.close()
      await database.drop()
      await rm(dataDir, { recursive: true, force: true })
    })
  }

  get url(): string {
    return this.service.url
  }

  async login(credentials: Credentials, scope?: string): Promise<Caller> {
    const form = new URLSearchParams({ grant_type: 'client_credentials', ...credentials, ...(scope && { scope }) })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const { status, body, text } = await call(`${this.url}/tract/auth/token/`, { headers, body: form.toString() })
    if (status !== 200) throw new Error(`no token: ${text}`)
    return new Caller(this.url, credentials, body.access_token)
  }

  admin(): Promise<Caller> {
    return this.login(this.demo.admin)
  }

  /** A new organisation with listeners by name and kind, set up through the API like any other. */
  async tenant<Names extends string>(
    kinds: Record<Names, ListenerKind>,
    settings: Record<string, unknown> = {},
    listenerSettings: Partial<Record<Names, Record<string, unknown>>> = {},
  ): Promise<Tenant<Names>> {
    const admin = await this.admin()
    const organisation = (await ok(admin.post('/platform/organisations/', { name: 'Test', ...settings }))).id
    const listeners = {} as Record<Names, Caller>
    for (const [name, kind] of Object.entries(kinds) as [Names, ListenerKind][]) {
      const listener = { organisation_id: organisation, listener_id: name }
      await ok(admin.post('/platform/listeners/', { ...listener, kind, ...listenerSettings[name] }))
      const created = await ok(admin.post('/platform/clients/', { ...listener, name, scopes: scopesOf(kind) }))
      listeners[name] = await this.login({ client_id: created.client.client_id, client_secret: created.client_secret })
    }
    return { organisation, listeners }
  }
}

/** The body of an answer that has to be 200. */
export async function ok(answer: Promise<Answer>): Promise<Answer['body']> {
  const { status, body, text } = await answer
  if (status !== 200) throw new Error(`answered ${status}: ${text}`)
  return body
}

/** Waits until `condition` holds: a test never sleeps for a guess. */
export async function until<T>(condition: () => T | Promise<T>, what = 'the condition'): Promise<NonNullable<T>> {
  for (const deadline = Date.now() + PATIENCE_MS; ; ) {
    const value = await condition()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`${what} did not come about within ${PATIENCE_MS / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
