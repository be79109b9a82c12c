/** Uploads whose callers are slow, or go. */
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { RawConnection } from '../api/support/raw.js'
import { uploaded } from './files.js'

const begun = (token: string) =>
  [
    'POST /tract/attachments/ HTTP/1.1',
    'host: localhost',
    `authorization: Bearer ${token}`,
    'content-type: multipart/form-data; boundary=b',
    'content-length: 5000',
    '',
    '--b',
    'content-disposition: form-data; name="file"; filename="a"',
    '',
    'x'.repeat(100),
  ].join('\r\n')

const incoming = (of: TestService) => readdir(join(of.dataDir, 'attachments/incoming'))

test('a body whose caller goes is given up', async () => {
  const service = await TestService.start()
  const { token } = await service.login(service.demo.listeners.desk)
  const { hostname, port } = new URL(service.url)
  const gone = connect(Number(port), hostname)
  gone.write(begun(token))
  await until(async () => (await incoming(service)).length === 1, 'the file on its way')
  gone.destroy()
  await until(async () => (await incoming(service)).length === 0, 'nothing left of it')
  await service.close()
})

test('a body that comes too slowly is given up', async () => {
  const service = await TestService.start({ http: { requestTimeout: 500, checkEvery: 100 } })
  const caller = await service.login(service.demo.listeners.desk)
  const slow = await RawConnection.open(service.url)
  slow.write(begun(caller.token))
  const answer = await slow.answer()
  expect([answer.status, answer.body.code]).toEqual([408, 'request_timeout'])
  await until(async () => (await incoming(service)).length === 0, 'nothing left of it')
  // the service goes on
  expect((await uploaded(caller, 'x')).size).toBe(1)
  await service.close()
})
