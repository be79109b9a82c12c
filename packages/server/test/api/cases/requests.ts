/** Paths, methods, queries and forms: what is wrong before a body is looked at. */

import type { KnownErrorCode } from '@tract/contract'
import { call as callUrl } from '@tract/testing/call'
import type { OperationName } from '../recipes/recipe.js'
import type { RecipeWorld } from '../recipes/recipe-world.js'
import { head, rawCall } from '../support/raw.js'
import type { BadInput } from './bad-input.js'
import { rawBodies, rawRequests } from './raw-requests.js'

const raw = (name: string, status: number, code: KnownErrorCode, ...data: (string | Uint8Array)[]): BadInput => ({
  name,
  status,
  code,
  call: ({ service }) => rawCall(service.url, ...data),
})

const nowhere = (path: string, method = 'GET', body = ''): BadInput =>
  raw(
    `${method} ${path}${body && ` with ${body}`}`,
    404,
    'unknown_path',
    head(method, path, { 'content-type': 'application/json', 'content-length': String(body.length) }),
    body,
  )

export const paths: BadInput[] = [
  nowhere('/tract'),
  nowhere('/tract/nothing/'),
  nowhere('/tract/nothing/', 'POST', '{"user_id": '),
  nowhere('/tract/nothing/', 'PUT', `"${'x'.repeat(40)}"`),
  nowhere('/tract/nothing/', 'OPTIONS'),
  nowhere('//tract/hooks/list/'),
  nowhere('/tract//hooks/list/'),
  nowhere('/tract/hooks/list//'),
  nowhere('/Tract/Hooks/List/'),
  nowhere('/tract/hooks/list/..'),
  nowhere('/tract/hooks/list/%00'),
  nowhere('/tract/hooks/list/%zz'),
  nowhere('/tract/hooks/list/%ff'),
  nowhere('/tract/hooks/list/;a=b'),
  nowhere('*', 'OPTIONS'),
  {
    name: 'a body of 300 KB where nothing is',
    status: 404,
    code: 'unknown_path',
    call: ({ service }) => callUrl(`${service.url}/tract/nothing/`, { body: `"${'x'.repeat(300_000)}"` }),
  },
]

export const unreadable: BadInput[] = [...rawRequests, ...rawBodies].map(({ name, status, code, written }) =>
  raw(name, status, code, ...written),
)

const query = (name: string, operation: OperationName, search: string, path: string): BadInput => ({
  name: `${name} in a query`,
  operation,
  status: 400,
  code: 'invalid_request',
  path,
  call: ({ service, contract, admin, organisation }) => {
    const url = `${service.url}${contract.operation(operation).path}?${search.replace('HERE', organisation)}`
    return callUrl(url, { method: 'GET', token: admin.token })
  },
})

export const queries: BadInput[] = [
  query('a limit that is no number', 'listOrganisations', 'limit=abc', '?limit'),
  query('the limit 0', 'listOrganisations', 'limit=0', '?limit'),
  query('the limit 201', 'listOrganisations', 'limit=201', '?limit'),
  query('the limit -1', 'listOrganisations', 'limit=-1', '?limit'),
  query('the limit 1.5', 'listOrganisations', 'limit=1.5', '?limit'),
  query('an empty limit', 'listOrganisations', 'limit=', '?limit'),
  query('two limits', 'listOrganisations', 'limit=1&limit=2', '?limit'),
  query('an unknown name', 'listOrganisations', 'page=2', '?page'),
  query('__proto__', 'listOrganisations', '__proto__=1', '?__proto__'),
  query('a cursor that no page gave', 'listOrganisations', 'after=next', '?after'),
  query('a cursor of 257 characters', 'listClients', `after=${'x'.repeat(257)}`, '?after'),
  query('no organisation', 'listListeners', '', '?organisation_id'),
  query('an organisation that is no UUID', 'listListeners', 'organisation_id=1', '?organisation_id'),
  query('an organisation that is no UUID, of clients', 'listClients', 'organisation_id=1', '?organisation_id'),
  query('bytes that are no UTF-8', 'listOrganisations', 'after=%ff', '?after'),
  query('half a surrogate', 'listOrganisations', 'after=%ed%a0%80', '?after'),
  query('what is no percent encoding', 'listOrganisations', 'limit=5&after=%zz', '?after'),
  query('NUL', 'listListeners', 'organisation_id=HERE&after=%00', '?after'),
]

type Form = Record<string, string> | string

const form = (
  name: string,
  { operation = 'issueToken', status = 400, code = 'invalid_request' as KnownErrorCode, headers = {} },
  fields: (world: RecipeWorld) => Form,
): BadInput => ({
  name: `a form with ${name}`,
  operation: operation as OperationName,
  status,
  code,
  call: (world) => world.call(operation as OperationName, { body: fields(world), headers }),
})

const GRANT = 'grant_type=client_credentials'
const credentials = ({ cast }: RecipeWorld) => new URLSearchParams({ ...cast.desk.credentials }).toString()
const unauthenticated = { status: 401, code: 'invalid_client' as const }

export const forms: BadInput[] = [
  form('nothing in it', {}, () => ''),
  form('no grant', {}, (world) => credentials(world)),
  form('an empty grant', {}, (world) => `grant_type=&${credentials(world)}`),
  form('bytes that are no UTF-8', {}, (world) => `${GRANT}&scope=caf%e9&${credentials(world)}`),
  form('what is no percent encoding', {}, (world) => `${GRANT}&scope=%&${credentials(world)}`),
  form(
    'a charset that is none of ours',
    {
      status: 415,
      code: 'unsupported_media_type',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=latin1' },
    },
    (world) => `${GRANT}&${credentials(world)}`,
  ),
  form('a grant twice', {}, (world) => `${GRANT}&${GRANT}&${credentials(world)}`),
  form('a secret twice', {}, (world) => `${GRANT}&${credentials(world)}&client_secret=x`),
  form('a scope twice', {}, (world) => `${GRANT}&${credentials(world)}&scope=hooks&scope=deliveries`),
  form(
    'two ways of authentication',
    { headers: { authorization: 'Basic eDp5' } },
    (world) => `${GRANT}&${credentials(world)}`,
  ),
  form('an assertion of an unknown type', {}, () => `${GRANT}&client_assertion_type=saml&client_assertion=x`),
  form('another grant', { code: 'unsupported_grant_type' }, (world) => `grant_type=password&${credentials(world)}`),
  form(
    'a scope that is not held',
    { code: 'invalid_scope' },
    (world) => `${GRANT}&${credentials(world)}&scope=platform:admin`,
  ),
  form('a scope that is none', { code: 'invalid_scope' }, (world) => `${GRANT}&${credentials(world)}&scope=%00`),
  form('no client', unauthenticated, () => GRANT),
  form('an unknown client', unauthenticated, () => `${GRANT}&client_id=nobody&client_secret=x`),
  form('a client with NUL in its id', unauthenticated, () => `${GRANT}&client_id=%00&client_secret=%00`),
  form('__proto__', unauthenticated, () => `${GRANT}&__proto__=x&constructor=y`),
  form(
    'an assertion that is no JWT',
    unauthenticated,
    () => `${GRANT}&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=x`,
  ),
  form('the secret of another client', unauthenticated, ({ cast }) => ({
    grant_type: 'client_credentials',
    client_id: cast.desk.credentials.client_id,
    client_secret: cast.iva.credentials.client_secret,
  })),
  form('no token to revoke', { operation: 'revokeToken' }, (world) => credentials(world)),
  form('a token to revoke twice', { operation: 'revokeToken' }, (world) => `token=a&token=b&${credentials(world)}`),
  form(
    'a token to revoke by nobody',
    { operation: 'revokeToken', ...unauthenticated },
    (world) => `token=${world.cast.desk.token}`,
  ),
]
