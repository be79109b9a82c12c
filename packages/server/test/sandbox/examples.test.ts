/** Every request example of both documents, sent as Swagger UI sends it to a service in development, answers with what is documented. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, call } from '@tract/testing/call'
import { PATIENT_SETTINGS } from '@tract/testing/patient-settings'
import { createDatabase } from '@tract/testing/postgres'
import { TestService } from '@tract/testing/service'
import { Stored } from '@tract/testing/stored'
import type { Credentials } from '../../src/accounts/first-start.js'
import { readConfig } from '../../src/config.js'
import { type Service, startService } from '../../src/service.js'
import { formOf } from '../api/recipes/recipe-world.js'
import { PublishedContract } from '../support/contract.js'

// biome-ignore lint/suspicious/noExplicitAny: a document is JSON of every shape
type Json = any
type Audience = 'vendor' | 'platform'

interface ExampleRequest {
  /** `operationId`, or `operationId example`. */
  name: string
  operationId: string
  method: string
  path: string
  headers: Record<string, string>
  body: Json
  isAuthorized: boolean
}

const EXCEPTIONS = new Map([
  ['streamHooks next', 'the stream is that of the answer before'],
  ['streamHooks end', 'the stream is that of the answer before'],
  ['streamChanges', 'the answer lasts for as long as its reader stays'],
  ['createSession operator', "an operator's secret stands in the file of the first start alone"],
])

const environment = { TRACT_SANDBOX: 'on', NODE_ENV: 'development' }
let service: TestService
beforeAll(async () => {
  service = await TestService.start({ environment })
})
afterAll(() => service.close())

/** Another start on the same data. */
function startAgain(): Promise<Service> {
  return service.startAnother(environment, { notice: (text) => notices.push(text) })
}
const notices: string[] = []

const triedDocument = async (url: string, audience: Audience): Promise<Json> =>
  (await fetch(`${url}/docs/tried/${audience}.json`)).json()

/** What a browser sends for each example: parameters have theirs filled in. */
function requestsOf(document: Json): ExampleRequest[] {
  const resolved = (node: Json): Json =>
    node.$ref
      ? resolved(
          node.$ref
            .slice(2)
            .split('/')
            .reduce((part: Json, name: string) => part[name], document),
        )
      : node
  return Object.entries<Json>(document.paths).flatMap(([path, item]) =>
    Object.entries<Json>(item).flatMap(([method, { operationId, security, parameters = [], requestBody }]) => {
      const given = parameters.map(resolved).filter(({ example }: Json) => example !== undefined)
      const of = (place: string): [string, string][] =>
        given.filter((each: Json) => each.in === place).map(({ name, example }: Json) => [name, String(example)])
      const query = new URLSearchParams(of('query')).toString()
      const filled = of('path').reduce((whole, [name, value]) => whole.replace(`{${name}}`, value), path)
      const common = {
        operationId,
        method: method.toUpperCase(),
        path: query ? `${filled}?${query}` : filled,
        headers: Object.fromEntries(of('header')),
        isAuthorized: security.length > 0,
      }
      const [[mediaType, content] = ['', {}]] = Object.entries<Json>(requestBody?.content ?? {})
      if (!requestBody) return [{ ...common, name: operationId, body: undefined }]
      return Object.entries<Json>(content.examples).map(([example, { value }]) => ({
        ...common,
        name: `${operationId} ${example}`,
        ...(mediaType === 'multipart/form-data'
          ? formOf(value, common.headers)
          : {
              headers: { ...common.headers, 'content-type': mediaType },
              body: /json/.test(mediaType) ? value : new URLSearchParams(value).toString(),
            }),
      }))
    }),
  )
}

const deskOf = (document: Json): Credentials => {
  const form = document.paths['/tract/auth/token/'].post.requestBody.content['application/x-www-form-urlencoded']
  const { client_id, client_secret } = form.examples.secret.value
  return { client_id, client_secret }
}

async function tokenOf(url: string, { client_id, client_secret }: Credentials): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return (await call(`${url}/tract/auth/token/`, { headers, body })).body.access_token
}

async function send(url: string, request: ExampleRequest, credentials: Credentials): Promise<Answer> {
  const { path, method, headers, body, isAuthorized } = request
  // each with a token of its own: some of these calls end all that there are
  const token = isAuthorized ? await tokenOf(url, credentials) : undefined
  return call(url + path, { method, headers, body, token })
}

test('a stream goes on from the answer before and ends, and one of changes opens', async () => {
  const { url } = service
  const vendor = await triedDocument(url, 'vendor')
  const named = (document: Json, name: string) =>
    requestsOf(document).find((each) => each.name === name) as ExampleRequest
  const opened = await send(url, named(vendor, 'streamHooks open'), deskOf(vendor))
  for (const [name, changes] of Object.entries({ 'streamHooks next': { wait: 0 }, 'streamHooks end': {} })) {
    const example = named(vendor, name)
    const body = { ...example.body, stream: opened.body.stream, ...changes }
    expect([name, (await send(url, { ...example, body }, deskOf(vendor))).status]).toEqual([name, 200])
  }

  const { path, headers } = named(await triedDocument(url, 'platform'), 'streamChanges')
  const token = await tokenOf(url, service.demo.admin)
  const reading = new AbortController()
  const authorized = { ...headers, authorization: `Bearer ${token}` }
  const response = await fetch(url + path, { headers: authorized, signal: reading.signal })
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching('text/event-stream'),
  ])
  reading.abort()
})

test('an operator signs in with what the first start left', async () => {
  const platform = await triedDocument(service.url, 'platform')
  const request = requestsOf(platform).find(({ name }) => name === 'createSession operator') as ExampleRequest
  expect((await send(service.url, { ...request, body: service.demo.admin }, service.demo.admin)).status).toBe(200)
})

describe.each<[Audience, string]>([
  ['vendor', 'from the top'],
  ['platform', 'from the top'],
  ['vendor', 'from the bottom'],
  ['platform', 'from the bottom'],
])('%s, %s', (audience, order) => {
  test('every example runs as it stands', async () => {
    const { url, close } = await startAgain()
    try {
      const document = await triedDocument(url, audience)
      const credentials = audience === 'vendor' ? deskOf(document) : service.demo.admin
      const contract = new PublishedContract(audience)
      const requests = requestsOf(document).filter(({ name }) => !EXCEPTIONS.has(name))
      expect(requests.length).toBeGreaterThan(30)
      const wrong: string[] = []
      for (const request of order === 'from the top' ? requests : requests.reverse()) {
        const answer = await send(url, request, credentials)
        const isDone = [200, 206].includes(answer.status) && answer.body?.success !== false
        if (!isDone) wrong.push(`${request.name}: ${answer.status} ${answer.text}`)
        else wrong.push(...contract.problems(request.operationId, answer).map((what) => `${request.name}: ${what}`))
      }
      expect(wrong).toEqual([])
      expect(notices).toEqual([])
    } finally {
      await close()
    }
  })
})

test('what does not run as it stands says in Swagger UI what it needs', async () => {
  const document = await triedDocument(service.url, 'platform')
  const said = Object.values<Json>(document.paths)
    .flatMap((item) => Object.values<Json>(item))
    .filter(({ description }) => description.startsWith('**In Swagger UI**: '))
    .map(({ operationId }) => operationId)
  expect(said).toEqual(expect.arrayContaining([...EXCEPTIONS.keys()].map((name) => name.split(' ')[0])))
})

test('in production none of it is made, and no document holds a client', async () => {
  const database = await createDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'tract-test-'))
  const production = {
    TRACT_SANDBOX: 'on',
    NODE_ENV: 'production',
    TRACT_PORT: '0',
    TRACT_DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    TRACT_LOG_LEVEL: 'silent',
    ...PATIENT_SETTINGS,
    TRACT_EGRESS_ALLOW: 'http,127.0.0.1',
  }
  const said: string[] = []
  const { url, close } = await startService(readConfig(production), { notice: (text) => said.push(text) })
  const stored = new Stored(database.url)
  try {
    // the sandbox itself is there
    expect(said).toEqual([])
    expect(await stored.count('listeners')).toBe(3)
    expect(await stored.rows('clients', { name: 'Examples' })).toEqual([])
    expect(await stored.rows('hooks', { category: 'hook_events' })).toEqual([])
    expect(await stored.rows('users')).toEqual([])
    expect((await fetch(`${url}/docs/tried/vendor.json`)).status).toBe(404)
  } finally {
    await stored.close()
    await close()
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
  }
})

test('the published documents hold nothing of the client', async () => {
  const { client_secret } = deskOf(await triedDocument(service.url, 'vendor'))
  for (const audience of ['vendor', 'platform']) {
    const published = await fetch(`${service.url}/openapi/${audience}.json`)
    expect(await published.text()).not.toContain(client_secret)
    const tried = await fetch(`${service.url}/docs/tried/${audience}.json`)
    expect(tried.headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(tried.headers.get('access-control-allow-origin')).toBeNull()
  }
})
