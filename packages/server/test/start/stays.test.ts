/** A service that has answered does not leave by itself. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { PATIENT_SETTINGS } from '@tract/testing/patient-settings'
import { createDatabase, type TestDatabase } from '@tract/testing/postgres'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { Starts } from './started.js'

/** As it is built: what loads TypeScript does not end without its output. */
const MAIN = fileURLToPath(new URL('../../bundle/main.js', import.meta.url))

let database: TestDatabase
let starts: Starts
beforeAll(async () => {
  database = await createDatabase()
  starts = await Starts.create()
})
const children: ChildProcess[] = []
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await starts.close()
  await database.drop()
})

test('because its output cannot be written', async () => {
  const { PATH, HOME } = process.env
  const env = {
    ...{ PATH, HOME, TRACT_PORT: `${starts.port}`, TRACT_DATA_DIR: starts.dataDir, DATABASE_URL: database.url },
    ...{ NODE_ENV: 'production', TRACT_LOG_LEVEL: 'debug', ...PATIENT_SETTINGS },
  }
  // as a file on a disk without room
  const full = openSync('/dev/full', 'w')
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', full, full] })
  children.push(child)
  const url = `http://localhost:${starts.port}`
  const answers = (path: string) =>
    fetch(url + path).then(
      async (response) => {
        await response.text()
        return response.status
      },
      () => undefined,
    )
  while ((await answers('/readyz')) !== 200) {
    expect(child.exitCode).toBeNull()
    await delay(50)
  }
  // each is a line of the log
  for (let calls = 0; calls < 20; calls++) expect(await answers('/tract/auth/jwks/')).toBe(200)
  expect(child.exitCode).toBeNull()
  // and ends when it is to
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('because a part of its server takes long to start', async () => {
  const service = await TestService.start()
  // the framework's own limit would end a start on a slow machine
  expect(service.service.app.initialConfig.pluginTimeout).toBe(0)
  await service.close()
})

test('because a connection cannot be taken, or something fails that nothing waits for', async () => {
  const lines: string[] = []
  const service = await TestService.start({
    environment: { TRACT_LOG_LEVEL: 'warn', TRACT_OPERATIONS_PORT: '0' },
    logTo: { write: (line) => lines.push(line) },
  })
  service.service.app.server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
  service.service.fault(new Error('a promise that nothing waits for'))
  await until(() => lines.length >= 2, 'the lines of the log')
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
    'a connection could not be taken',
    'something failed that was to be caught; the service goes on',
  ])
  expect((await fetch(`${service.url}/readyz`)).status).toBe(200)
  await service.close()
})
