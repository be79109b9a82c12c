import { findUnstorable } from '@tract/contract'
import type { FastifyRequest } from 'fastify'
import { oauthRefusal } from '../../authentication/oauth-error.js'
import { ContractViolation } from '../errors.js'
import { OAuthRefusal } from '../handlers/authentication.js'
import type { Route } from '../routes.js'
import { bodyFields, dropAbsent, restoreDigits } from './body-fields.js'
import { checkEncoded, formBody } from './request-body.js'
import type { Validators } from './validation.js'

export interface RequestInput {
  params: unknown
  headers: undefined
  query: unknown
  body: unknown
}

/** What a route's handler is given of a request: the parts that the contract has a schema for, checked. */
export function requestInput(
  validators: Validators,
  { schemas, form }: Route,
): (request: FastifyRequest) => RequestInput {
  const checks = (part: 'body' | 'query' | 'headers' | 'params') =>
    schemas[part] ? validators.checker(schemas[part], part) : () => undefined
  const [params, query, headers, body] = [checks('params'), checks('query'), checks('headers'), checks('body')]
  const { properties = {}, required = [] } = (schemas.headers ?? {}) as { properties?: object; required?: string[] }
  const [described, areRequired] = [Object.keys(properties), required.length > 0]
  const fields = schemas.body && bodyFields(schemas.body, (part) => validators.resolve(part))

  const jsonInput = (request: FastifyRequest): unknown => {
    if (!fields) return undefined
    dropAbsent(request.body, fields)
    const checked = body(request.body)
    if (request.exactBody !== undefined) restoreDigits(checked, request.exactBody, fields)
    return checked
  }
  const formInput = (request: FastifyRequest) => checkedForm(() => body(formBody(request.body as Buffer)))
  const bodyInput = form ? formInput : jsonInput
  return (request) => {
    // mostly there are none, and copying them all would cost as much as the body
    if (areRequired || described.some((name) => name in request.headers)) headers({ ...request.headers })
    if (schemas.query) checkQuery(request)
    return { headers: undefined, params: params(request.params), query: query(request.query), body: bodyInput(request) }
  }
}

/** Queries go into statements as bodies do, and a NUL in one would fail there. Where none is described, none is read. */
function checkQuery({ url, query }: FastifyRequest): void {
  const start = url.indexOf('?')
  if (start === -1) return
  checkEncoded(url.slice(start + 1), '?')
  const issues = findUnstorable(query, '')
  if (issues.length > 0)
    throw new ContractViolation(issues.map(({ path, message }) => ({ path: `?${path.slice(1)}`, message })))
}

/** OAuth has an error body of its own. */
function checkedForm(check: () => unknown): unknown {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof ContractViolation)) throw error
    throw new OAuthRefusal(
      oauthRefusal(
        'invalid_request',
        error.issues.map(({ path, message }) => `${path.slice(1) || 'the form'} ${message}`).join('; '),
      ),
    )
  }
}
