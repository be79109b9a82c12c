import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { errorCodes, type KnownErrorCode, operations } from '@tract/contract'
import { type Answer, type Caller, ok } from '@tract/testing/call'
import { DatabaseWay } from '@tract/testing/database-way'
import type { Lock } from '@tract/testing/lock'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { PublishedContract } from '../support/contract.js'
import { everyRecipe } from './recipes/every-recipe.js'
import { type OperationName, titled } from './recipes/recipe.js'
import { callOperation, RecipeWorld } from './recipes/recipe-world.js'
import { neededQuery, wellFormed } from './recipes/requests.js'
import { FullDisk } from './support/full-disk.js'
import { isListening, RawConnection } from './support/raw.js'

const platform = new PublishedContract('platform')
const vendor = new PublishedContract('vendor')
const names = [...platform.operations.keys()] as OperationName[]

const recipes = everyRecipe(platform)

const withoutDatabase: OperationName[] = ['getJwks', 'getAuthorizationServerMetadata']

/** `operation status` and `operation status code` of every answer that was as the documents say. */
const reached = new Set<string>()

function holds(operation: OperationName, answer: Answer, status: number, code?: KnownErrorCode): void {
  expect([answer.status, answer.body?.code, answer.status === status ? '' : answer.text]).toEqual([status, code, ''])
  expect(platform.problems(operation, answer)).toEqual([])
  if (vendor.operations.has(operation)) expect(vendor.problems(operation, answer)).toEqual([])
  reached.add(`${operation} ${status}`).add(`${operation} ${status} ${code}`)
}

describe('every answer is as the document says, byte for byte', () => {
  let world: RecipeWorld

  beforeAll(async () => {
    // the one answer that needs a setting
    world = await RecipeWorld.build(await TestService.start({ environment: { TRACT_SEARCH: 'off' } }), platform)
  })
  afterAll(async () => {
    await world.close()
    await world.service.close()
  })

  test.each(titled(recipes))('%s', async (_title, { operation, status, code, call }) => {
    holds(operation, await call(world), status, code)
  })
})

/** A service of which only who may do everything is known: for what befalls every operation in the same way. */
class Plain {
  private constructor(
    readonly service: TestService,
    readonly admin: Caller,
    readonly iva: Caller,
  ) {}

  static async on(service: TestService): Promise<Plain> {
    return new Plain(service, await service.admin(), await service.login(service.demo.listeners.iva))
  }

  token(name: OperationName): string | undefined {
    const { scopes } = platform.operation(name)
    if (scopes.length > 0) return scopes.includes('platform:admin') ? this.admin.token : this.iva.token
    return undefined
  }

  call(name: OperationName): Promise<Answer> {
    const body = wellFormed(platform.operation(name))
    return callOperation(this.service.url, platform, name, { token: this.token(name), body, query: neededQuery(name) })
  }
}

describe('a client that has used up its calls', () => {
  const LIMIT = 5
  let plain: Plain
  let desk: Caller

  beforeAll(async () => {
    plain = await Plain.on(await TestService.start({ environment: { TRACT_RATE_LIMIT: String(LIMIT) } }))
    desk = await plain.service.login(plain.service.demo.listeners.desk)
    for (let calls = 0; calls < LIMIT; calls++) {
      await plain.call('getJwks') // counted by address, as there is no client
      await ok(plain.call('listHooks'))
      await ok(plain.call('listOrganisations'))
    }
  })
  afterAll(() => plain.service.close())

  test.each(names)('is told by %s when to go on', async (name) => {
    const answer = await plain.call(name)
    holds(name, answer, 429, 'rate_limited')
    expect(answer.headers.get('ratelimit-remaining')).toBe('0')
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60)
  })

  test('leaves the other clients theirs', async () => {
    holds('listHooks', await callOperation(plain.service.url, platform, 'listHooks', { token: desk.token }), 200)
  })
})

describe('a service whose database fails', () => {
  const withDatabase = names.filter((name) => !withoutDatabase.includes(name))
  let way: DatabaseWay
  let plain: Plain

  beforeAll(async () => {
    const route = async (url: string) => {
      way = await DatabaseWay.open(() => url)
      return way.url
    }
    plain = await Plain.on(await TestService.start({ route }))
  })
  afterAll(async () => {
    await plain.service.close()
    await way.close()
  })

  test('updateClient answers 409 last_operator: nobody else could operate it', async () => {
    const { client_id } = plain.admin.credentials
    const { url } = plain.service
    const body = { client_id, enabled: false }
    const answer = await callOperation(url, platform, 'updateClient', { token: plain.admin.token, body })
    holds('updateClient', answer, 409, 'last_operator')
  })

  describe('at every statement', () => {
    beforeAll(() => plain.service.stored.pool.query('alter schema public rename to elsewhere'))
    afterAll(() => plain.service.stored.pool.query('alter schema elsewhere rename to public'))

    test.each(withDatabase)('says so at %s, and nothing of why', async (name) => {
      const answer = await plain.call(name)
      holds(name, answer, 500, 'internal_error')
      expect(answer.text).not.toMatch(/relation|exist|prisma|select|\.ts/i)
    })
  })

  describe('at every connection', () => {
    beforeAll(() => way.turn('cut'))
    afterAll(() => way.turn('open'))

    test.each(withDatabase)('says at %s when to try again', async (name) => {
      const answer = await plain.call(name)
      holds(name, answer, 503, 'unavailable')
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    })

    test.each(withoutDatabase)('answers %s all the same', async (name) => {
      holds(name, await plain.call(name), 200)
    })
  })

  test('works again as soon as its database does', async () => {
    holds('listHooks', await plain.call('listHooks'), 200)
    holds('listOrganisations', await plain.call('listOrganisations'), 200)
  })
})

describe('a service that has too much to do', () => {
  let plain: Plain
  let stuck: Promise<Answer>
  let lock: Lock
  const answers = new Map<OperationName, Answer>()

  beforeAll(async () => {
    plain = await Plain.on(await TestService.start({ admission: { least: 1, most: 1 } }))
    const { service, iva } = plain
    await ok(iva.post('/platform/user/', { user_id: 'asha' }))
    lock = await service.stored.lock('threads', { user_id: 'asha' })
    stuck = iva.post('/platform/user/', { user_id: 'asha', user_name: 'Asha' })
    await until(() => lock.waiting('threads'), 'the call that takes the only place')
    // together, on connections of their own: one on which a call was refused rests, and the place is not taken for ever
    await Promise.all(names.map(async (name) => answers.set(name, await plain.call(name))))
  })
  afterAll(async () => {
    await lock.release()
    expect((await stuck).status).toBe(200)
    await plain.service.close()
  })

  test.each(names)('says at %s when to come again', (name) => {
    const answer = answers.get(name) as Answer
    holds(name, answer, 503, 'overloaded')
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('a service whose disk takes no more', () => {
  let full: FullDisk

  beforeAll(async () => {
    full = await FullDisk.start()
  })
  afterAll(() => full.close())

  test('says so of a file, and keeps nothing of it', async () => {
    const token = await full.token()
    const upload = (bytes: number) =>
      callOperation(full.url, platform, 'uploadAttachment', { token, body: { file: 'x'.repeat(bytes) } })
    holds('uploadAttachment', await upload(2 * full.most), 507, 'storage_full')
    expect(await full.files()).toEqual([])
    holds('uploadAttachment', await upload(1), 200)
    expect(await full.files()).toHaveLength(1)
    // beside one that waits for its message
    holds('uploadAttachment', await upload(full.limit - 1_000), 507, 'unnamed_files_full')
    expect(await full.files()).toHaveLength(1)
  })
})

describe('a service that is shutting down', () => {
  const answers = new Map<OperationName, Promise<Answer>>()

  beforeAll(async () => {
    const plain = await Plain.on(await TestService.start())
    const { url } = plain.service
    // these have begun to call when it is told to stop, and go on once it takes no new calls
    const begun: RawConnection[] = []
    for (const name of names) {
      const { method, path } = platform.operation(name)
      begun.push((await RawConnection.open(url)).write(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\n`))
      await plain.call('getJwks') // by its answer, what came before it has been taken in
    }
    const closed = plain.service.close()
    await until(async () => !(await isListening(url)), 'the end of listening')
    for (const [index, name] of names.entries()) {
      const connection = begun[index] as RawConnection
      connection.write(`authorization: Bearer ${plain.token(name)}\r\ncontent-length: 0\r\n\r\n`)
      answers.set(name, connection.answer())
    }
    await closed
  })

  test.each(names)('answers %s as one that is not there for the moment', async (name) => {
    const answer = (await answers.get(name)) as Answer
    holds(
      name,
      answer,
      withoutDatabase.includes(name) ? 200 : 503,
      withoutDatabase.includes(name) ? undefined : 'unavailable',
    )
    expect(answer.headers.get('connection')).toBe('close')
  })
})

describe('the tests above', () => {
  test('reach every documented answer of every operation', () => {
    const documented = names.flatMap((name) => platform.operation(name).statuses.map((status) => `${name} ${status}`))
    expect(documented.filter((answer) => !reached.has(answer))).toEqual([])
  })

  test('reach every documented error code of every operation', () => {
    const documented = names.flatMap((name) =>
      operations[name].codes.map((code) => `${name} ${errorCodes[code]} ${code}`),
    )
    expect(documented.length).toBeGreaterThan(300)
    expect(documented.filter((answer) => !reached.has(answer))).toEqual([])
  })

  test('know every operation of the vendor document', () => {
    expect([...vendor.operations.keys()].filter((name) => !platform.operations.has(name))).toEqual([])
    for (const [name, { statuses }] of vendor.operations) expect(platform.operation(name).statuses).toEqual(statuses)
  })
})
