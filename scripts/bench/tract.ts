/** A service on a database, and an organisation to measure with, set up through the API. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { call, login, ok } from '../../packages/testing/src/call.js'
import type { Users } from './backlog.js'
import type { BenchDatabase } from './database.js'
import { BenchProcess } from './processes.js'
import { SUBJECT } from './turns.js'

const SCOPES = {
  md: ['platform:users', 'platform:messages', 'platform:events'],
  ect: ['hooks', 'users:read', 'messages:write', 'deliveries'],
  analytics: ['hooks'],
}

/** Production, with receivers on this machine, calls without a limit, and tokens that last. */
export const environmentOf = ({ dataDir, url, secretKey }: BenchDatabase): NodeJS.ProcessEnv => ({
  NODE_ENV: 'production',
  TRACT_PORT: '0',
  // The same for all processes of a database: each accepts the others' tokens.
  TRACT_PUBLIC_URL: 'http://localhost',
  TRACT_EGRESS_ALLOW: 'http,127.0.0.0/8',
  TRACT_RATE_LIMIT: '10000000',
  // Nothing is refused, however slow the machine is.
  TRACT_LONGEST_WAIT: '600000',
  TRACT_TOKEN_TTL: '86400',
  TRACT_DATA_DIR: dataDir,
  DATABASE_URL: url,
  TRACT_SECRET_KEY: secretKey,
})

const { scripts } = JSON.parse(readFileSync(join(SUBJECT, 'package.json'), 'utf8')) as { scripts: { start: string } }

/** The flags of Node that `npm start` gives the service. */
export const SERVICE_FLAGS: readonly string[] = scripts.start.match(/--\S+/g) ?? []

/** A process that takes calls and delivers nothing: its memory has no room for a lane. */
export const ACCEPTS_ONLY = { lanesInMemory: 0, poll: 3_600_000 }

export interface Organisation {
  id: string
  /** Token of the listener that passes on what users write. */
  writer: string
  /** Token of the listener that hears it. */
  desk: string
}

export class Tract {
  private constructor(
    private readonly process: BenchProcess,
    private readonly database: BenchDatabase,
    readonly port: number,
  ) {}

  /** @param given settings beside those of environmentOf */
  static async start(database: BenchDatabase, delivery?: object, given: NodeJS.ProcessEnv = {}): Promise<Tract> {
    const process = await BenchProcess.start('tract', SERVICE_FLAGS)
    const environment = { ...environmentOf(database), ...given }
    const port = await process.call<number>('start', { environment, delivery })
    await process.profile()
    return new Tract(process, database, port)
  }

  get pid(): number {
    return this.process.pid
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Only where TRACT_OPERATIONS_PORT is set. */
  operationsPort(): Promise<number> {
    return this.process.call<number>('operationsPort')
  }

  /** Microseconds for which the process has kept a core busy. */
  cpu(): Promise<number> {
    return this.process.cpu()
  }

  async stop(): Promise<void> {
    if (this.process.hasEnded) return
    await this.process.call('stop')
    await this.process.stop()
  }

  /** An organisation whose users write, and whose agent desk hears them at the URL. */
  async organisation(hookUrl: string): Promise<Organisation> {
    const { id } = await this.post('/platform/organisations/', await this.admin(), { name: 'Bench' })
    const writer = await this.listener(id, 'message_delivery', 'md')
    const desk = await this.listener(id, 'desk', 'ect')
    await this.hear(desk, hookUrl)
    return { id, writer, desk }
  }

  /** A listener of the organisation. @returns a token for it */
  async listener(organisation_id: string, listener_id: string, kind: keyof typeof SCOPES): Promise<string> {
    const admin = await this.admin()
    const listener = { organisation_id, listener_id }
    await this.post('/platform/listeners/', admin, { ...listener, kind })
    const made = { ...listener, name: listener_id, scopes: SCOPES[kind] }
    const { client, client_secret } = await this.post('/platform/clients/', admin, made)
    return (await login(this.url, { client_id: client.client_id, client_secret })).token
  }

  /** Registers the listener's hook for messages. */
  async hear(token: string, url: string): Promise<void> {
    await this.post('/tract/hooks/register/', token, { category: 'message', subcategory: 'receive', url })
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  post(path: string, token: string, body: object): Promise<any> {
    return ok(call(this.url + path, { token, body }))
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  get(path: string, token: string): Promise<any> {
    return ok(call(this.url + path, { method: 'GET', token }))
  }

  /** A token for the operator. */
  async admin(): Promise<string> {
    const { admin } = JSON.parse(await readFile(join(this.database.dataDir, 'admin.json'), 'utf8'))
    return (await login(this.url, admin)).token
  }
}

/** What users write; processes/delivery.mjs has the same. */
export const TEXT = 'Where is my order? It was to come on Monday, and the page still says that it is being packed.'

/** The call of the load generator: a user writes. `@%clock@` tells the receiver when. */
export const messageCall = (token: string, users: Users) => ({
  path: '/platform/message/send/',
  token,
  users,
  body: JSON.stringify({ user_id: '%user', sender: 'ceu', message_body: `@%clock@ ${TEXT}` }),
})

/** The first message of a user, which makes the user known. */
export const firstMessageCall = (token: string, users: Users) => ({
  ...messageCall(token, users),
  body: JSON.stringify({ user_id: '%user', sender: 'ceu', message_body: 'Hello', user: { user_name: 'Asha Rao' } }),
})
