/**
 * One operation of the contract, for servers of every kind: its document, its token check and its
 * handler. The handler's database is replaced by a constant, so that what is measured is what a
 * server does around a handler.
 */
import { readFileSync } from 'node:fs'
import { answer } from './answer.mjs'
import { built, SERVER } from './of-server.mjs'

const { openAuthentication } = await built('authentication/authentication')
const { bearerToken } = await built('authentication/bearer')
const { userHandlers } = await built('api/handlers/users')
const { openPool } = await built('database/database')
const { SecretBox } = await built('database/secret-box')

export const OPERATION = 'getUserDetails'
export const PATH = '/tract/user/details/'
const SCOPE = 'users:read'

export const document = () => JSON.parse(readFileSync(new URL('src/generated/openapi/vendor.json', SERVER)))

const USER = {
  userId: '8812',
  thirdPartyUserId: '+919820098200',
  userName: 'Asha Rao',
  devicePlatform: 'WhatsApp',
  details: { email: 'asha@example.com', plan: 'gold' },
}

/** In place of the database: every user exists. */
export const users = { query: async () => ({ rows: [USER] }) }

const handlers = userHandlers({ pools: { of: () => users } })

/** The service's own handler. */
export const handle = (body, caller) => handlers[OPERATION]({ body }, { caller })

class Refused extends Error {
  constructor(status) {
    super(`answered ${status}`)
    this.status = status
    this.statusCode = status
  }
}

/** The service's check of a token and of the scope. @returns the caller; throws with `status` */
export async function tokenCheck(environment) {
  const authentication = await openAuthentication({
    pool: openPool({ connectionString: environment.DATABASE_URL, max: 4 }, () => {}),
    secretBox: new SecretBox(Buffer.from(environment.TRACT_SECRET_KEY, 'base64')),
    publicUrl: environment.TRACT_PUBLIC_URL,
    scopes: [],
    onError: () => {},
  })
  const permitted = (access) => {
    if (!access.scopes.has(SCOPE)) throw new Refused(403)
    return access
  }
  return (header) => {
    const token = bearerToken(header)
    const cached = token === undefined ? undefined : authentication.verifyCached(token)
    if (cached) return permitted(cached)
    return authentication.verify(token).then((verification) => {
      if (!verification.ok) throw new Refused(401)
      return permitted(verification.access)
    })
  }
}

/**
 * `start` opens one of the servers and returns its port.
 * @param {Record<string, (environment: NodeJS.ProcessEnv) => Promise<import('node:http').Server>>}
 * servers
 */
export function serve(servers) {
  answer({
    start: async ({ server, environment }) => {
      const opened = await servers[server](environment)
      if (!opened.listening) await new Promise((resolve) => opened.listen(0, '127.0.0.1', resolve))
      return opened.address().port
    },
  })
}
