import { operations } from '@tract/contract'
import type { FastifyRequest } from 'fastify'
import { Refusal } from '../accept/refusal.js'
import { bearerToken } from '../authentication/bearer.js'
import type { Access, TokenFailure } from '../authentication/token-verifier.js'
import { ACT_FOR, actingFor } from './acting.js'
import type { Services } from './services.js'
import { isOfOwnPage, sessionToken } from './session-cookie.js'

const FAILURES: Record<TokenFailure, [code: 'token_missing' | 'token_invalid' | 'token_expired', message: string]> = {
  missing: ['token_missing', 'The call carries no Authorization: Bearer header.'],
  malformed: ['token_invalid', 'The access token is not one of TRACT.'],
  tampered: ['token_invalid', 'The access token was not signed by TRACT, or was altered.'],
  wrong_issuer: ['token_invalid', 'The access token was issued by another service.'],
  wrong_audience: ['token_invalid', 'The access token is for another service.'],
  expired: ['token_expired', 'The access token has expired; get another one.'],
  revoked: ['token_invalid', 'The access token was revoked.'],
  disabled: ['token_invalid', 'The client, or its listener, is disabled.'],
}

/** The access of a call, or why it has none; without waiting where the token was seen before. */
export function authorize(
  { authentication, config, pool }: Pick<Services, 'authentication' | 'config' | 'pool'>,
  { headers }: FastifyRequest,
  operationId: keyof typeof operations,
): Access | Promise<Access> {
  const { authorization } = headers
  const token = authorization === undefined ? ownSession(config.publicUrl, headers) : bearerToken(authorization)
  const cached = token === undefined ? undefined : authentication.verifyCached(token)
  const actFor = headers[ACT_FOR]
  if (cached && actFor === undefined) return permitted(cached, operationId)
  return authentication.verify(token).then(async (verification) => {
    if (!verification.ok) throw new Refusal(...FAILURES[verification.failure])
    const { access } = verification
    return permitted(actFor === undefined ? access : await actingFor(pool, access, String(actFor)), operationId)
  })
}

/** The token of the session, if there is one. It counts only for calls of this service's own pages. */
function ownSession(publicUrl: string, headers: FastifyRequest['headers']): string | undefined {
  const token = sessionToken(publicUrl, headers)
  if (!token || isOfOwnPage(publicUrl, headers)) return token
  throw new Refusal('token_missing', "The session counts only for calls of this service's own pages.")
}

function permitted(access: Access, operationId: keyof typeof operations): Access {
  const scopes: readonly string[] = operations[operationId].scopes
  if (scopes.some((scope) => access.scopes.has(scope))) return access
  throw new Refusal('insufficient_scope', `The operation needs the scope ${scopes.join(' or ')}.`)
}
