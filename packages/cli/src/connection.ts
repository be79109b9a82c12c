import { type Credentials, TractPlatform } from '@tract/client/platform'
import { usage } from './exit.js'
import { readPrivateKey } from './private-key.js'
import type { ProcessIo } from './process-io.js'
import type { Profile, Profiles } from './profiles.js'

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

export const DEFAULT_URL = 'http://localhost:8080'

/** What the client takes. */
const ADDRESS = /^https?:\/\/[^/?#@]+(\/[^?#]*)?$/

/** The first address that is given, with where. @throws if it is none */
export function addressOf(...given: [where: string, url: string | undefined][]): string {
  const [where, url = ''] = given.find(([, url]) => url) ?? ['The address']
  if (!ADDRESS.test(url) || !URL.canParse(url))
    throw usage(`${where} has to be an address such as https://tract.example.com, without credentials or a query.`)
  return url
}

/** `--profile` first, then the environment, then the current profile; `--url` and `TRACT_URL` replace the profile's address. */
export async function connect(
  { profile: wanted, url }: ConnectionOptions,
  env: ProcessIo['env'],
  profiles: Profiles,
): Promise<Connection> {
  const given: [string, string | undefined][] = [
    ['--url', url],
    ['TRACT_URL', env.TRACT_URL],
  ]
  if (wanted === undefined && (env.TRACT_CLIENT_ID || env.TRACT_CLIENT_SECRET))
    return new Connection('environment', addressOf(...given, ['The default', DEFAULT_URL]), fromEnvironment(env))
  const found = await profiles.find(wanted ?? (env.TRACT_PROFILE || undefined))
  if (!found)
    throw usage(
      'No client is logged in.',
      'Log in with `tract login`, or set TRACT_CLIENT_ID, TRACT_CLIENT_SECRET and TRACT_URL.',
    )
  const { name, profile } = found
  const address = addressOf(...given, [`The address of the profile '${name}'`, profile.url])
  return new Connection(name, address, await credentialsOf(name, profile))
}

function fromEnvironment({
  TRACT_CLIENT_ID: clientId,
  TRACT_CLIENT_SECRET: clientSecret,
}: ProcessIo['env']): Credentials {
  if (!clientId) throw usage('TRACT_CLIENT_SECRET is set, and TRACT_CLIENT_ID is not.')
  if (!clientSecret) throw usage('TRACT_CLIENT_ID is set, and TRACT_CLIENT_SECRET is not.')
  return { clientId, clientSecret }
}

/** @param keyAt where its private key was given */
export async function credentialsOf(
  name: string,
  { client_id: clientId, client_secret: clientSecret, private_key: keyFile }: Profile,
  keyAt = `The private key of the profile '${name}'`,
): Promise<Credentials> {
  if (clientSecret) return { clientId, clientSecret }
  if (keyFile) return { clientId, privateKey: await readPrivateKey(keyFile, keyAt) }
  throw usage(`The profile '${name}' has neither a secret nor a private key.`, 'Log in again with `tract login`.')
}
