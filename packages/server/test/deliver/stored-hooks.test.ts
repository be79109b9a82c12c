/** For how long a hook that was read counts, and which attempts wait until it is read again. The test is the clock and the database. */
import { beforeEach, expect, test } from '@jest/globals'
import type { SigningHook } from '../../src/accounts/records/hooks.js'
import { StoredHooks } from '../../src/deliver/stored-hooks.js'

let now: number
/** Reads that are not answered yet. */
let asked: ((hook: Partial<SigningHook> | Error) => void)[]
let hooks: StoredHooks

beforeEach(() => {
  now = 1_000
  asked = []
  const findHookFor = () =>
    new Promise<SigningHook>((resolve, reject) => {
      asked.push((answer) => {
        if (answer instanceof Error) reject(answer)
        else resolve({ ...HOOK, ...answer })
      })
    })
  hooks = new StoredHooks({ findHookFor }, () => now)
})

const HOOK: SigningHook = {
  id: 'a',
  url: 'https://desk.example/old',
  status: 'active',
  secrets: [],
  category: 'message',
  subcategory: 'receive',
  failingSince: null,
  failingMs: 0,
}
const find = () => hooks.find('organisation', 'desk', 'message', 'receive')
const url = async () => (await find())?.url
/** What follows on what was done until now. */
const turn = () => new Promise(setImmediate)
/** Answers the oldest read. */
async function answer(hook: Partial<SigningHook> | Error = {}): Promise<void> {
  await turn()
  asked.shift()?.(hook)
  await turn()
}
const read = async () => {
  const found = find()
  await answer()
  expect((await found)?.url).toBe(HOOK.url)
}

test('one that is in use is read again beside the attempts, and none of them waits', async () => {
  await read()
  now += 400
  expect(await url()).toBe(HOOK.url)
  await turn()
  expect(asked).toHaveLength(0)
  now += 200
  expect(await url()).toBe(HOOK.url)
  expect(await url()).toBe(HOOK.url)
  await turn()
  expect(asked).toHaveLength(1)
  await answer({ url: 'https://desk.example/new' })
  expect(await url()).toBe('https://desk.example/new')
  now += 900
  expect(await url()).toBe('https://desk.example/new')
  await turn()
  expect(asked).toHaveLength(1)
})

test('what was read counts for a second from when it was asked for, however late the answer', async () => {
  await read()
  now += 600
  await find()
  await turn()
  now += 300
  await answer({ url: 'https://desk.example/new' })
  now += 750
  void find()
  expect(asked).toHaveLength(1)
})

test('without an answer, it is waited for once it is too old', async () => {
  await read()
  now += 600
  await find()
  await answer(new Error('the database is gone'))
  expect(await url()).toBe(HOOK.url)
  now += 500
  const late = find()
  await answer({ url: 'https://desk.example/new' })
  expect((await late)?.url).toBe('https://desk.example/new')
})

test('what was asked for before a change does not count after it', async () => {
  await read()
  now += 600
  await find()
  await turn()
  hooks.forget()
  const changed = find()
  await answer({ url: 'https://desk.example/old' })
  await answer({ url: 'https://desk.example/new' })
  expect((await changed)?.url).toBe('https://desk.example/new')
  expect(await url()).toBe('https://desk.example/new')
})

test('one that is found disabled is asked for at each attempt', async () => {
  await read()
  now += 600
  await find()
  await answer({ status: 'disabled' })
  const next = find()
  await answer({ status: 'disabled' })
  expect((await next)?.status).toBe('disabled')
  void find()
  expect(asked).toHaveLength(1)
})
