/** What callers notice when another process takes the place of theirs. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createEmptyDatabase, type TestDatabase } from '@tract/testing/postgres'
import { readConfig } from '../../src/config.js'
import { checkSettings } from '../../src/start/settings.js'
import { Caller } from './caller.js'
import { Starts } from './started.js'

const KEY = Buffer.alloc(32, 1).toString('base64')
const [major, minor] = process.versions.node.split('.').map(Number) as [number, number]
const canShare =
  process.platform === 'linux' && (major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12))
const shares = canShare ? test : test.skip

describe('a port that is shared', () => {
  let database: TestDatabase
  let starts: Starts
  beforeEach(async () => {
    database = await createEmptyDatabase()
    starts = await Starts.create()
  })
  afterEach(async () => {
    await starts.close()
    await database.drop()
  })

  async function token(): Promise<string> {
    const { admin } = JSON.parse(await readFile(join(starts.dataDir, 'admin.json'), 'utf8'))
    const { client_id, client_secret } = admin
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret })
    const response = await fetch(`http://localhost:${starts.port}/tract/auth/token/`, { method: 'POST', body })
    return ((await response.json()) as { access_token: string }).access_token
  }

  shares(
    'is taken over by a new process: no call fails',
    async () => {
      const settings = {
        ...{ NODE_ENV: 'production', DATABASE_URL: database.url, TRACT_SECRET_KEY: KEY },
        ...{ TRACT_SHARE_PORT: 'on', TRACT_RATE_LIMIT: '1000000' },
      }
      const old = await starts.run(settings)
      const caller = new Caller(`http://127.0.0.1:${starts.port}/platform/organisations/`, await token())
      await caller.makes(50)
      const next = await starts.run(settings)
      await caller.makes(50)
      expect(await old.stop()).toBe(0)
      await caller.makes(50)
      const outcomes = await caller.stop()
      expect(Object.keys(outcomes)).toEqual(['200'])
      expect(await next.stop()).toBe(0)
    },
    600_000,
  )

  shares(
    'is not shared with a process that does not share it',
    async () => {
      const settings = { DATABASE_URL: database.url, TRACT_SECRET_KEY: KEY }
      await starts.run(settings)
      const other = starts.start({ ...settings, TRACT_SHARE_PORT: 'on' })
      expect(await other.ended).toBe(1)
      expect(other.said).toContain(`TRACT_PORT: the port ${starts.port} of 127.0.0.1 is taken.`)
    },
    600_000,
  )
})

describe('what cannot be shared is refused by name', () => {
  const check = (environment: NodeJS.ProcessEnv) => () => checkSettings(readConfig(environment))

  test('a port that is to be any', () => {
    expect(check({ TRACT_SHARE_PORT: 'on', TRACT_PORT: '0' })).toThrow(
      'TRACT_SHARE_PORT needs a TRACT_PORT that is not 0',
    )
  })

  test('with a Node that has no such ports', () => {
    const { node } = process.versions
    if (canShare) expect(check({ TRACT_SHARE_PORT: 'on' })).not.toThrow()
    else
      expect(check({ TRACT_SHARE_PORT: 'on' })).toThrow(
        `TRACT_SHARE_PORT needs Node 22.12, 23.1 or later; this is ${node}.`,
      )
  })
})
