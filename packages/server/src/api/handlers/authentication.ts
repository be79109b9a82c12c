import type { OAuthAnswer } from '../../authentication/oauth-error.js'
import type { Call } from '../call.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

/** An error in the form of RFC 6749 §5.2. */
export class OAuthRefusal extends Error {
  constructor(readonly answer: OAuthAnswer) {
    super('OAuth refused the request.')
  }
}

export function authenticationHandlers({ authentication }: Services) {
  const answered = <Body>(answer: OAuthAnswer, call: Call): Body => {
    if (answer.status !== 200) throw new OAuthRefusal(answer)
    for (const [name, value] of Object.entries(answer.headers)) call.header(name, value)
    return answer.body as Body
  }
  return {
    issueToken: async ({ body }, call) =>
      answered(await authentication.issueToken({ authorizationHeader: call.authorization, form: body }), call),
    revokeToken: async ({ body }, call) =>
      answered(await authentication.revokeToken({ authorizationHeader: call.authorization, form: body }), call),
    getJwks: async (_input, call) => {
      call.header('cache-control', `public, max-age=${authentication.jwksMaxAgeSeconds}`)
      return authentication.jwks() as never
    },
    getAuthorizationServerMetadata: async () => authentication.metadata(),
  } satisfies Partial<Handlers<Call>>
}
