import { operations } from '@tract/contract'
import type { FastifyRequest } from 'fastify'
import type { Authentication } from '../authentication/authentication.js'
import { bearerToken } from '../authentication/bearer.js'
import type { Access, TokenFailure } from '../authentication/token-verifier.js'
import { Refusal } from '../messaging/refusal.js'

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
  authentication: Authentication,
  request: FastifyRequest,
  operationId: keyof typeof operations,
): Access | Promise<Access> {
  const token = bearerToken(request.headers.authorization)
  const cached = token === undefined ? undefined : authentication.verifyCached(token)
  if (cached) return permitted(cached, operationId)
  return authentication.verify(token).then((verification) => {
    if (verification.ok) return permitted(verification.access, operationId)
    throw new Refusal(...FAILURES[verification.failure])
  })
}

function permitted(access: Access, operationId: keyof typeof operations): Access {
  const scopes: readonly string[] = operations[operationId].scopes
  if (scopes.some((scope) => access.scopes.has(scope))) return access
  throw new Refusal('insufficient_scope', `The operation needs the scope ${scopes.join(' or ')}.`)
}
