import { Refusal } from '../../accept/refusal.js'
import { OPERATOR_SCOPE } from '../../authentication/session.js'
import type { Call } from '../call.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'
import { sessionCookie } from '../session-cookie.js'

export function sessionHandlers(services: Services) {
  const { config, accounts, authentication, sandbox } = services
  const session = async (clientId: string, expiresAt: number) => {
    const client = await accounts.findClient(clientId)
    const name = client?.name ?? clientId
    return { client_id: clientId, name, expires_at: new Date(expiresAt).toISOString(), sandbox }
  }
  return {
    createSession: async ({ body }, call) => {
      const opened = await authentication.openSession({ clientId: body.client_id, clientSecret: body.client_secret })
      if (!opened.ok) {
        if (opened.failure === 'no_operator')
          throw new Refusal('insufficient_scope', `Only a client with the scope ${OPERATOR_SCOPE} signs in.`)
        throw new Refusal('invalid_client', 'The client id or its secret is wrong.')
      }
      const lifetime = Math.floor((opened.expiresAt - Date.now()) / 1000)
      call.header('set-cookie', sessionCookie(config.publicUrl, opened.token, lifetime))
      return session(opened.clientId, opened.expiresAt)
    },

    getSession: async (_input, { access }) => session(access.clientId, access.expiresAt),

    endSession: async (_input, call) => {
      await authentication.revoke(call.access)
      call.header('set-cookie', sessionCookie(config.publicUrl, '', 0))
      return { success: true }
    },
  } satisfies Partial<Handlers<Call>>
}
