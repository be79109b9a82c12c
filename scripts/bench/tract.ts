/** A service on a database, and an organisation to measure with, set up through the API. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../check/command.js'
import type { BenchDatabase } from './database.js'
import { BenchProcess } from './processes.js'

const MD_SCOPES = ['platform:users', 'platform:messages', 'platform:events']
const ECT_SCOPES = ['hooks', 'users:read', 'messages:write', 'deliveries']

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

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } }

/** The flags of Node that `npm start` gives the service. */
export const SERVICE_FLAGS: readonly string[] = scripts.start.match(/--\S+/g) ?? []

/** A process that takes calls and delivers nothing: its memory has no room for a lane. */
export const ACCEPTS_ONLY = { lanesInMemory: 0, poll: 3_600_000 }

export class Tract {
  readonly #process: BenchProcess
  readonly #database: BenchDatabase
  readonly url: string

  private constructor(process: BenchProcess, database: BenchDatabase, url: string) {
    this.#process = process
    this.#database = database
    this.url = url
  }

  /** @param given settings beside those of environmentOf */
  static async start(database: BenchDatabase, delivery?: object, given: NodeJS.ProcessEnv = {}): Promise<Tract> {
    const process = await BenchProcess.start('tract', SERVICE_FLAGS)
    const port = await process.call<number>('start', {
      environment: { ...environmentOf(database), ...given },
      delivery,
    })
    await process.profile()
    return new Tract(process, database, `http://127.0.0.1:${port}`)
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }

  /** Only where TRACT_OPERATIONS_PORT is set. */
  operationsPort(): Promise<number> {
    return this.#process.call<number>('operationsPort')
  }

  /** Microseconds for which the process has kept a core busy. */
  cpu(): Promise<number> {
    return this.#process.cpu()
  }

  async stop(): Promise<void> {
    if (this.#process.hasEnded) return
    await this.#process.call('stop')
    await this.#process.stop()
  }

  async admin(): Promise<string> {
    const { admin } = JSON.parse(await readFile(join(this.#database.dataDir, 'admin.json'), 'utf8'))
    return this.token(admin)
  }

  async token(client: { client_id: string; client_secret: string }): Promise<string> {
    const form = new URLSearchParams({ grant_type: 'client_credentials', ...client })
    const response = await fetch(`${this.url}/tract/auth/token/`, { method: 'POST', body: form })
    return ((await answered(response)) as { access_token: string }).access_token
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  async post(path: string, token: string, body: object): Promise<any> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    return answered(await fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) }))
  }

  /** A listener of the organisation, and a token for it. */
  async listener(organisation: string, listener_id: string, kind: 'md' | 'ect'): Promise<string> {
    const admin = await this.admin()
    const listener = { organisation_id: organisation, listener_id }
    await this.post('/platform/listeners/', admin, { ...listener, kind })
    const scopes = kind === 'md' ? MD_SCOPES : ECT_SCOPES
    const made = await this.post('/platform/clients/', admin, { ...listener, name: listener_id, scopes })
    return this.token({ client_id: made.client.client_id, client_secret: made.client_secret })
  }

  /** An organisation whose users write, and whose agent desk hears them at the URL. */
  async organisation(hookUrl: string): Promise<Organisation> {
    const { id } = await this.post('/platform/organisations/', await this.admin(), { name: 'Bench' })
    const writer = await this.listener(id, 'message_delivery', 'md')
    const desk = await this.listener(id, 'desk', 'ect')
    await this.hear(desk, hookUrl)
    return { id, writer, desk }
  }

  /** Registers the listener's hook for messages. */
  async hear(token: string, url: string): Promise<void> {
    await this.post('/tract/hooks/register/', token, { category: 'message', subcategory: 'receive', url })
  }
}

export interface Organisation {
  id: string
  /** Token of the listener that passes on what users write. */
  writer: string
  /** Token of the listener that hears it. */
  desk: string
}

async function answered(response: Response): Promise<unknown> {
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text}`)
  return JSON.parse(text)
}

/** What users write; processes/delivery.mjs has the same. */
export const TEXT = 'Where is my order? It was to come on Monday, and the page still says that it is being packed.'

/** The call of the load generator: a user writes. `@%clock@` tells the receiver when. */
export const messageCall = (token: string, users: { prefix: string; count: number }) => ({
  path: '/platform/message/send/',
  token,
  users,
  body: JSON.stringify({ user_id: '%user', sender: 'ceu', message_body: `@%clock@ ${TEXT}` }),
})

/** The first message of a user, which makes the user known. */
export const firstMessageCall = (token: string, users: { prefix: string; count: number }) => ({
  ...messageCall(token, users),
  body: JSON.stringify({ user_id: '%user', sender: 'ceu', message_body: 'Hello', user: { user_name: 'Asha Rao' } }),
})
