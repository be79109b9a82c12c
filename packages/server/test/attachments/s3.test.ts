/**
 * The same files in a bucket of S3, of another's making: versitygw (`go install github.com/versity/versitygw/cmd/versitygw@latest`).
 * `TRACT_TEST_VERSITYGW` names it, or it stands in the path; without it, this is skipped, and says so.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { freePort } from '@tract/testing/listen'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { S3mini } from 's3mini'
import { uploaded } from './files.js'

const KEYS = { accessKeyId: 'tract', secretAccessKey: 'secret-of-the-test' }

const REGION = 'eu-central-1'

function gateway(): string | null {
  const named = process.env.TRACT_TEST_VERSITYGW ?? 'versitygw'
  try {
    execFileSync(named, ['--version'], { stdio: 'ignore' })
    return named
  } catch {
    return null
  }
}
const program = gateway()
if (program === null) console.warn('versitygw is not installed: files in S3 are not tested.')

;(program === null ? describe.skip : describe)('files in S3', () => {
  let folder: string
  let port: number
  let store: ChildProcess
  let bucket: S3mini
  let service: TestService

  async function startStore(): Promise<void> {
    const address = `127.0.0.1:${port}`
    const keys = ['--access', KEYS.accessKeyId, '--secret', KEYS.secretAccessKey]
    store = spawn(program as string, ['--quiet', '--region', REGION, '--port', address, ...keys, 'posix', folder], {
      stdio: 'ignore',
    })
    await until(
      () =>
        fetch(`http://${address}`).then(
          () => true,
          () => false,
        ),
      'the store',
    )
  }
  async function stopStore(): Promise<void> {
    const exited = once(store, 'exit')
    store.kill('SIGKILL')
    await exited
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tract-s3-'))
    port = await freePort()
    await startStore()
    const endpoint = `http://127.0.0.1:${port}`
    bucket = new S3mini({ ...KEYS, endpoint: `${endpoint}/files`, region: REGION })
    await bucket.createBucket()
    service = await TestService.start({
      environment: {
        TRACT_ATTACHMENTS: `s3://files/of/tract?endpoint=${encodeURIComponent(endpoint)}&region=${REGION}`,
        AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
      },
      strayFiles: { look: 50, again: 500 },
    })
  })
  afterAll(async () => {
    await service.close()
    await stopStore()
    await rm(folder, { recursive: true, force: true })
  })

  async function inBucket(): Promise<string[]> {
    const objects = await bucket.listObjects()
    return (objects ?? []).map(({ Key }) => Key.split('/').at(-1) as string)
  }

  test('are there byte for byte, in parts too, and go with their user', async () => {
    const { listeners } = await service.world({ iva: 'iva', md: 'md' })
    const { md } = listeners
    const bytes = randomBytes(3_000_000)
    const file = await uploaded(md, bytes, 'a.bin')
    expect(await inBucket()).toContain(file.id)
    const headers = { authorization: `Bearer ${md.token}` }
    const whole = await fetch(file.url, { headers })
    const hash = createHash('sha256').update(Buffer.from(await whole.arrayBuffer()))
    expect([whole.status, hash.digest('hex')]).toEqual([200, file.sha256])
    const part = await fetch(file.url, { headers: { ...headers, range: 'bytes=1000000-1000099' } })
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(1_000_000, 1_000_100))
    const message = { user_id: 'asha', message_body: 'See', sender: 'ceu', user: {}, attachments: [{ id: file.id }] }
    await ok(md.post('/platform/message/send/', message))
    await ok(md.post('/platform/user/erase/', { user_id: 'asha' }))
    await until(async () => !(await inBucket()).includes(file.id), 'the end of the file')
  })

  test('are refused while the store is away, and what is to go goes when it is back', async () => {
    const { listeners } = await service.world({ iva: 'iva', md: 'md' })
    const { md } = listeners
    const file = await uploaded(md, 'kept before')
    const message = { user_id: 'ravi', message_body: 'See', sender: 'ceu', user: {}, attachments: [{ id: file.id }] }
    await ok(md.post('/platform/message/send/', message))
    await stopStore()
    const answer = await md.upload(new Blob(['not kept']), 'b.txt')
    expect([answer.status, answer.body.code]).toEqual([503, 'unavailable'])
    expect(answer.headers.get('retry-after')).not.toBeNull()
    expect((await md.get(`/tract/attachments/${file.id}`)).status).toBe(503)
    // the user goes all the same
    await ok(md.post('/platform/user/erase/', { user_id: 'ravi' }))
    expect((await md.get(`/tract/attachments/${file.id}`)).status).toBe(404)
    await startStore()
    await until(async () => !(await inBucket()).includes(file.id), 'the end of the file')
    expect((await uploaded(md, 'kept again')).size).toBe(10)
  })
})
