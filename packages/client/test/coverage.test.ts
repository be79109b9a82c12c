/** Every operation of the contract has a method, and the method is that operation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type OperationRow, operations } from '@tract/contract'
import { sdkMethods } from '../../../scripts/codegen/client-names.js'
import * as contract from '../../contract/src/generated/contract.js'
import { contractHash, contractVersion, type RequestInfo, Tract } from '../src/index.node.js'
import { TractPlatform } from '../src/platform/index.node.js'
import { Desk } from './support/desk.js'

type Methods = Record<string, Record<string, (...args: unknown[]) => Promise<unknown>>>

/** A file's calls take more than a body. */
const FILE = '01920c6e-7a00-7c3e-9d55-2b8f0c9d4e11'
const FILE_CALLS: Record<string, unknown[]> = {
  'attachments.upload': [new Blob(['x']), { name: 'x.txt' }],
  'attachments.get': [FILE],
}

const entries = Object.entries<OperationRow>(operations).filter(([, { aliasOf }]) => aliasOf === undefined)
const table = (audience: 'vendor' | 'platform') =>
  entries.flatMap(([id, operation]) =>
    operation.audience.includes(audience)
      ? sdkMethods(id)
          // a link is opened without a client; sessions and the stream of changes are a browser's, not a program's
          .filter(({ name, byHand }) => !byHand || name.startsWith('auth.') || name in FILE_CALLS)
          .map(({ name }) => [name, operation.method, operation.path.replace('{id}', FILE)] as const)
      : [],
  )

let desk: Desk

beforeAll(async () => {
  desk = await Desk.open()
})
afterAll(() => desk.close())

describe.each([
  ['Tract', 'vendor', Tract],
  ['TractPlatform', 'platform', TractPlatform],
] as const)('%s', (_, audience, Client) => {
  const requests: RequestInfo[] = []
  let client: Tract | TractPlatform

  beforeAll(() => {
    const onRequest = (info: RequestInfo) => requests.push(info)
    client = new Client({ baseUrl: desk.service.url, ...desk.credentials('md'), onRequest, maxRetries: 0 })
  })
  afterAll(() => client.close())

  test.each(table(audience))('%s calls %s %s', async (name, method, path) => {
    const [resource = '', verb = ''] = name.split('.')
    await client.auth.token()
    requests.length = 0
    const call = (client as unknown as Methods)[resource]?.[verb]?.bind((client as unknown as Methods)[resource])
    if (name === 'auth.token') {
      await client.auth.revoke()
      await client.auth.token()
    } else {
      // The bodies are empty: what the service makes of them is its own affair.
      await call?.(...(FILE_CALLS[name] ?? (resource === 'auth' ? [] : [{}]))).catch(() => {})
    }
    expect(requests).toContainEqual(
      expect.objectContaining({ operation: name, method, url: expect.stringContaining(desk.service.url + path) }),
    )
  })

  test('has no method that is no operation', () => {
    const names = table(audience).map(([name]) => name)
    const resources = Object.entries(client as unknown as Methods).filter(([name]) => !['auth', 'close'].includes(name))
    const found = resources.flatMap(([resource, methods]) => verbsOf(methods).map((verb) => `${resource}.${verb}`))
    expect(found.sort()).toEqual(names.filter((name) => !name.startsWith('auth.')).sort())
  })
})

test('the contract that the client speaks is the one of the service', () => {
  expect([contractVersion, contractHash]).toEqual([contract.contractVersion, contract.contractHash])
})

function verbsOf(methods: object): string[] {
  const prototype: object | null = Object.getPrototypeOf(methods)
  if (prototype === null || prototype === Object.prototype) return []
  const own = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor' && !name.startsWith('$'))
  return [...own, ...verbsOf(prototype)]
}
