/**
 * One operation of the contract, for servers of every kind: its document, its token check, and its handler with the database taken out, so
 * that what is left is what a server does around it.
 */
import { readFileSync } from 'node:fs'
import { answer } from '../answer.mjs'
import { built } from '../of-server.mjs'

const { openAuthentication } = await built('authentication/authentication')
const { bearerToken } = await built('authentication/bearer')
const { userHandlers } = await built('api/handlers/users')
const { openPool } = await built('database/database')
const { SecretBox } = await built('database/secret-box')

export const OPERATION = 'getUserDetails'
export const PATH = '/tract/user/details/'
const SCOPE = 'users:read'

export const document = () =>
  JSON.parse(readFileSync(new URL('../../../../packages/server/src/generated/openapi/vendor.json', import.meta.url)))

const USER = {
  third_party_user_id: '+919820098200',
  user_name: 'Asha Rao',
  device_platform: 'WhatsApp',
  details: { email: 'asha@example.com', plan: 'gold' },
}

/** Stands for the database: it has every user. */
export const users = { query: async () => ({ rows: [USER] }) }

const handlers = userHandlers({ pool: users })

/** The service's own handler, which finds its user at once. */
export const handle = (body, caller) => handlers[OPERATION]({ body }, { caller })

export const ANYBODY = { organisationId: '019412a1-7c3e-7d7a-9b1f-3a4c5d6e7f80', listener: 'desk' }

class Refused extends Error {
  constructor(status) {
    super(`answered ${status}`)
    this.status = status
    this.statusCode = status
  }
}

/** The service's check of tokens, and of the operation's scope. Answers for whom the call is, or throws what has `status`. */
export function tokenCheck(authentication) {
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
 * Answers the parent's `start` with the port of what `open` makes.
 * @param {(authentication: object) => Promise<number>} open
 */
export function serve(open) {
  answer({
    start: async ({ environment }) => {
      const pool = openPool({ connectionString: environment.DATABASE_URL, max: 4 }, () => {})
      const authentication = await openAuthentication({
        pool,
        secretBox: new SecretBox(Buffer.from(environment.TRACT_SECRET_KEY, 'base64')),
        publicUrl: environment.TRACT_PUBLIC_URL,
        scopes: [],
        onError: () => {},
      })
      return open(authentication)
    },
  })
}

/** Makes a node:http server listen, and answers its port. */
export const listening = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
