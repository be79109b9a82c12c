import { readFile } from 'node:fs/promises'
import { TractPlatform } from '@tract/client/platform'
import { usage } from './exit.js'
import type { Profile, Profiles } from './profiles.js'
import type { Surroundings } from './surroundings.js'

export interface ConnectionOptions {
  profile?: string
  url?: string
}

/** Who the client is, as its token says. */
export interface Identity {
  /** Null for an operator's client. */
  listener: string | null
  organisation: string | null
  scopes: ReadonlySet<string>
}

/** A client of the service, as the profile or the environment names it. */
export class Connection {
  readonly tract: TractPlatform
  readonly url: string
  /** Its profile; `environment` where the environment is one. */
  readonly name: string

  constructor(name: string, url: string, credentials: Credentials) {
    this.name = name
    this.url = url.replace(/\/+$/, '')
    this.tract = new TractPlatform({ baseUrl: this.url, ...credentials })
  }

  async identity(): Promise<Identity> {
    const [, payload = ''] = (await this.tract.auth.token()).split('.')
    const {
      listener = null,
      organisation = null,
      scope = '',
    } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as {
      listener?: string | null
      organisation?: string | null
      scope?: string
    }
    return { listener, organisation, scopes: new Set(scope.split(' ')) }
  }

  /** The listener that the client is bound to. */
  async listener(): Promise<string> {
    const { listener } = await this.identity()
    if (listener === null)
      throw usage(
        'This is an operator’s client, which is bound to no listener.',
        'Choose a listener’s profile: --profile.',
      )
    return listener
  }
}

type Credentials = { clientId: string; clientSecret: string } | { clientId: string; privateKey: string }

const DEFAULT_URL = 'http://localhost:8080'

/** `--profile` first, then the environment, then the current profile; `--url` and `TRACT_URL` replace the profile's address. */
export async function connect(
  { profile: wanted, url }: ConnectionOptions,
  env: Surroundings['env'],
  profiles: Profiles,
): Promise<Connection> {
  if (wanted === undefined && (env.TRACT_CLIENT_ID || env.TRACT_CLIENT_SECRET))
    return new Connection('environment', url || env.TRACT_URL || DEFAULT_URL, fromEnvironment(env))
  const found = await profiles.find(wanted ?? (env.TRACT_PROFILE || undefined))
  if (!found)
    throw usage(
      'No client is logged in.',
      'Log in with `tract login`, or set TRACT_CLIENT_ID, TRACT_CLIENT_SECRET and TRACT_URL.',
    )
  return new Connection(
    found.name,
    url || env.TRACT_URL || found.profile.url,
    await credentialsOf(found.name, found.profile),
  )
}

function fromEnvironment({
  TRACT_CLIENT_ID: clientId,
  TRACT_CLIENT_SECRET: clientSecret,
}: Surroundings['env']): Credentials {
  if (!clientId) throw usage('TRACT_CLIENT_SECRET is set, and TRACT_CLIENT_ID is not.')
  if (!clientSecret) throw usage('TRACT_CLIENT_ID is set, and TRACT_CLIENT_SECRET is not.')
  return { clientId, clientSecret }
}

export async function credentialsOf(name: string, profile: Profile): Promise<Credentials> {
  const { client_id: clientId, client_secret: clientSecret, private_key: keyFile } = profile
  if (clientSecret !== undefined) return { clientId, clientSecret }
  if (keyFile === undefined)
    throw usage(`The profile '${name}' has neither a secret nor a private key.`, 'Log in again with `tract login`.')
  try {
    return { clientId, privateKey: await readFile(keyFile, 'utf8') }
  } catch (error) {
    throw usage(`The private key of the profile '${name}' cannot be read: ${(error as Error).message}`)
  }
}
