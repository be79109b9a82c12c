/** Files, forms and callers that mean ill. What is refused leaves nothing behind; what is kept does no harm where it is shown. */
import { createHash, pbkdf2, randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, type Caller, ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { BOMB, PNG, uploaded } from './files.js'

const LIMIT = 100_000

let service: TestService
let world: World<'iva' | 'md' | 'desk' | 'deaf'>
let desk: Caller

beforeAll(async () => {
  service = await TestService.start({
    environment: { TRACT_ATTACHMENT_LIMIT: String(LIMIT) },
    strayFiles: { look: 20 },
  })
  world = await service.world({ iva: 'iva', md: 'md', desk: 'ect', deaf: 'ect' }, {}, { deaf: { standby: false } })
  desk = world.listeners.desk
})
afterAll(() => service.close())

const download = (by: Caller, id: string, headers: Record<string, string> = {}) =>
  fetch(`${service.url}/tract/attachments/${id}`, { headers: { authorization: `Bearer ${by.token}`, ...headers } })

/** The files on disk, wherever they lie. */
async function onDisk(): Promise<string[]> {
  const entries = await readdir(join(service.dataDir, 'attachments'), { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

const SVG = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
const HTML = '<!doctype html><html><script>alert(document.cookie)</script></html>'
const PDF = '%PDF-1.7\n1 0 obj <</JS (app.alert(1))>> endobj\n'
/** A GIF whose width begins a comment of JavaScript. */
const GIF_SCRIPT = Buffer.concat([Buffer.from('GIF89a/*'), Buffer.alloc(40), Buffer.from('*/=1;alert(1)//')])
const EXE = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)])
const ZIP = Buffer.from(
  'UEsDBAoAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAYVBLAQIKAAoAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAABhUEsFBgAAAAABAAEALwAAAB8AAAAAAA==',
  'base64',
)

describe('a file that is not what it says', () => {
  test.each<[what: string, content: Buffer | string, said: string, name: string, type: string, shown: boolean]>([
    ['a page called a picture', HTML, 'image/png', 'photo.png', 'text/plain', false],
    ['an SVG with a script', SVG, 'image/svg+xml', 'logo.svg', 'text/plain', false],
    ['a picture called a page', PNG, 'text/html', 'index.html', 'image/png', true],
    ['a picture that is a script too', GIF_SCRIPT, 'text/javascript', 'a.js', 'image/gif', true],
    [
      'a picture with a page behind it',
      Buffer.concat([PNG, Buffer.from(HTML)]),
      'text/html',
      'a.html',
      'image/png',
      true,
    ],
    ['a document that runs', PDF, 'image/jpeg', 'bill.jpg', 'application/pdf', false],
    ['a program called a picture', EXE, 'image/jpeg', 'photo.jpg', 'application/x-msdownload', false],
    ['an archive called a bomb', ZIP, 'image/png', '42.zip', 'application/zip', false],
    ['bytes of no kind', Buffer.from([1, 2, 3, 0xff]), 'text/plain', 'a.txt', 'application/octet-stream', false],
    [
      'text in another encoding',
      Buffer.from('caf\xe9', 'latin1'),
      'text/html',
      'a.txt',
      'application/octet-stream',
      false,
    ],
  ])('%s', async (_what, content, said, name, type, shown) => {
    const file = await ok(desk.upload(new Blob([content], { type: said }), name))
    expect([file.content_type, file.size]).toEqual([type, Buffer.byteLength(content)])
    const answer = await download(desk, file.id)
    const bytes = Buffer.from(await answer.arrayBuffer())
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256)
    expect(bytes.equals(Buffer.from(content))).toBe(true)
    expect(answer.headers.get('content-type')?.split(';')[0]).toBe(type)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/)
    expect(answer.headers.get('content-disposition')).toMatch(shown ? /^inline; / : /^attachment; /)
  })

  test('an image that claims to be huge has no size, or the one it claims: it is never decoded', async () => {
    const [bomb, endless] = [BOMB(30_000, 30_000), BOMB(2 ** 31 - 1, 2 ** 31 - 1)]
    expect(await uploaded(desk, bomb, 'bomb.png')).toMatchObject({ width: 30_000, height: 30_000 })
    expect(await uploaded(desk, endless, 'endless.png')).not.toHaveProperty('width')
  })
})

describe('a name', () => {
  test.each<[what: string, given: string, kept: string]>([
    ['with a path', '../../etc/passwd', 'passwd'],
    ['with a path of Windows', 'C:\\Windows\\system32\\cmd.exe', 'cmd.exe'],
    ['that is a folder', '..', 'file'],
    ['that is none', '', 'file'],
    ['with control characters', 'a\u0007b\u009bc\u007f.txt', 'abc.txt'],
    ['that is read the other way round', 'photo\u202egnp.exe', 'photognp.exe'],
    ['with a mark of Arabic letters', 'photo\u061c.png', 'photo.png'],
    ['of other letters', 'मीटर.png', 'मीटर.png'],
    ['that is too long', `${'x'.repeat(400)}.tar.gz`, `${'x'.repeat(252)}.gz`],
    ['with a quotation mark', 'a"; filename="b.exe', 'a"; filename="b.exe'],
  ])('%s', async (_what, given, kept) => {
    const boundary = 'b'
    const body = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${given.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"\r\ncontent-type: application/octet-stream\r\n\r\nx\r\n--${boundary}--\r\n`
    const answer = await post(body, `multipart/form-data; boundary=${boundary}`)
    expect(answer.body.name).toBe(kept)
    const { headers } = await download(desk, answer.body.id)
    // one header of one line, whatever is in the name
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename/)
  })
})

async function post(body: string, type: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${service.url}/tract/attachments/`, {
    method: 'POST',
    headers: { authorization: `Bearer ${desk.token}`, 'content-type': type, ...headers },
    body,
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
}

const FORM = 'multipart/form-data; boundary=b'
const part = (name: string, content: string, filename?: string) =>
  `--b\r\ncontent-disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n\r\n${content}\r\n`

describe('a form that is refused leaves nothing', () => {
  test.each<[what: string, body: string, type: string, status: number, code: string, path: string | null]>([
    ['without a part', '--b--\r\n', FORM, 400, 'invalid_request', '/file'],
    ['with a part of another name', `${part('photo', 'x', 'a')}--b--\r\n`, FORM, 400, 'invalid_request', '/photo'],
    [
      'with a field beside the file',
      `${part('file', 'x', 'a')}${part('user_id', '1')}--b--\r\n`,
      FORM,
      400,
      'invalid_request',
      '/user_id',
    ],
    ['with a field in place of the file', `${part('file', 'x')}--b--\r\n`, FORM, 400, 'invalid_request', '/file'],
    [
      'with two files',
      `${part('file', 'x', 'a')}${part('file', 'y', 'b')}--b--\r\n`,
      FORM,
      400,
      'invalid_request',
      '/file',
    ],
    ['with an empty file', `${part('file', '', 'a')}--b--\r\n`, FORM, 400, 'invalid_request', '/file'],
    ['that breaks off within the file', part('file', 'x', 'a').slice(0, -3), FORM, 400, 'invalid_request', null],
    ['that is not one', 'hello', FORM, 400, 'invalid_request', null],
    ['without a boundary', part('file', 'x', 'a'), 'multipart/form-data', 400, 'invalid_request', null],
    ['that is JSON', '{}', 'application/json', 415, 'unsupported_media_type', null],
    ['that is another one', 'file=x', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type', null],
    [
      'a byte over the limit',
      `${part('file', 'x'.repeat(LIMIT + 1), 'a')}--b--\r\n`,
      FORM,
      413,
      'file_too_large',
      '/file',
    ],
    ['far over the limit', `${part('file', 'x'.repeat(2 * LIMIT), 'a')}--b--\r\n`, FORM, 413, 'file_too_large', null],
  ])('%s', async (_what, body, type, status, code, path) => {
    const before = await onDisk()
    const answer = await post(body, type)
    expect([answer.status, answer.body.code]).toEqual([status, code])
    if (path) expect(answer.body.issues?.[0]?.path).toBe(path)
    await until(async () => (await onDisk()).every((name) => before.includes(name)), 'nothing left of it')
  })

  test('also where it breaks off before the disk has opened the file', async () => {
    let isOver = false
    // what the disk does waits behind this
    const work = (): void => void pbkdf2('x', 'x', 100_000, 32, 'sha256', () => isOver || work())
    for (let jobs = 0; jobs < 8; jobs++) work()
    try {
      for (const body of [part('file', 'x', 'a'), part('file', '', 'a'), part('file', 'x', 'a').slice(0, -1)]) {
        const { status, body: said } = await post(body, FORM)
        expect([status, said.code]).toEqual([400, 'invalid_request'])
      }
    } finally {
      isOver = true
    }
    expect((await uploaded(desk, 'x')).size).toBe(1)
  })

  test('a file of just the limit is kept', async () => {
    expect((await uploaded(desk, 'x'.repeat(LIMIT))).size).toBe(LIMIT)
  })

  const headOf = (more: string) =>
    `POST /tract/attachments/ HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${desk.token}\r\ncontent-type: ${FORM}\r\n${more}\r\n\r\n`

  test('a body that never ends is cut off', async () => {
    const { hostname, port } = new URL(service.url)
    const socket = connect(Number(port), hostname).on('error', () => {})
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.write(`${headOf('transfer-encoding: chunked')}`)
    const opening = part('file', '', 'a').slice(0, -2)
    socket.write(`${opening.length.toString(16)}\r\n${opening}\r\n`)
    const more = `10000\r\n${'x'.repeat(65_536)}\r\n`
    const closed = new Promise((resolve) => socket.on('close', resolve))
    while (!socket.destroyed && !answer) {
      socket.write(more)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await closed
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    await until(async () => (await incoming()).length === 0, 'nothing left of it')
  })
})

const incoming = () => readdir(join(service.dataDir, 'attachments/incoming'))

describe('two uploads', () => {
  test('with one key are one file', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const before = (await onDisk()).length
    const answers = await Promise.all([1, 2, 3].map(() => desk.upload(new Blob(['same']), 'a.txt', headers)))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(answers.map((answer) => answer.headers.get('idempotency-replayed')).sort()).toEqual(
      [null, 'true', 'true'].sort(),
    )
    const other = await desk.upload(new Blob(['other']), 'a.txt', headers)
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused'])
    await until(async () => (await onDisk()).length === before + 1, 'one file')
  })

  test('of the same bytes without a key are two', async () => {
    const [one, two] = [await uploaded(desk, 'same'), await uploaded(desk, 'same')]
    expect(one.sha256).toBe(two.sha256)
    expect(one.id).not.toBe(two.id)
  })
})

describe('a file that is not for the caller', () => {
  const say = (by: Caller, user_id: string, attachments: unknown[]) =>
    by.post('/platform/message/send/', { user_id, message_body: 'See', sender: 'ceu', user: {}, attachments })

  test('of a foreign organisation is not there: neither to name, nor to have, nor to link', async () => {
    const others = await service.world({ md: 'md', iva: 'iva' })
    const { id } = await uploaded(others.listeners.md, 'theirs')
    expect((await download(world.listeners.md, id)).status).toBe(404)
    const answer = await say(world.listeners.md, 'foreign', [{ id }])
    expect([answer.status, answer.body.code]).toEqual([404, 'attachment_not_found'])
    expect(answer.body.issues).toEqual([{ path: '/attachments/0/id', message: expect.any(String) }])
    expect((await world.listeners.md.post('/tract/attachments/link/', { id })).status).toBe(404)
    // nothing of the message was stored, the user neither
    expect((await world.listeners.iva.post('/tract/user/', { user_id: 'foreign' })).status).toBe(404)
  })

  test('of another listener cannot be named by who guesses its id', async () => {
    const { id } = await uploaded(desk, 'mine')
    expect((await say(world.listeners.md, 'asha', [{ id }])).status).toBe(404)
  })

  test('of one user cannot be named to another', async () => {
    const { md } = world.listeners
    const { id } = await uploaded(md, 'of one')
    await ok(say(md, 'one', [{ id }]))
    expect((await say(md, 'two', [{ id }])).status).toBe(404)
    await ok(say(md, 'one', [{ id }]))
  })

  test('of a thread that a listener does not hear is not there for it', async () => {
    const { md, iva, deaf } = world.listeners
    const receiver = await Receiver.start()
    await receiver.hear(iva, 'message.receive')
    await receiver.hear(deaf, 'message.receive')
    const { id } = await uploaded(md, 'for the assistant')
    await ok(say(md, 'heard', [{ id }]))
    expect((await download(iva, id)).status).toBe(200)
    expect((await download(deaf, id)).status).toBe(404)
    await world.pass('heard', 'iva', 'deaf')
    expect((await download(deaf, id)).status).toBe(200)
    await receiver.close()
  })

  test.each<[what: string, given: unknown[]]>([
    ['more than ten', Array.from({ length: 11 }, () => ({ id: randomUUID() }))],
    ['none', []],
    ['one of no id', [{ id: 'x' }]],
    ['one with a field too many', [{ id: randomUUID(), url: 'https://example.com/' }]],
    ['the same twice', [1, 2].map(() => ({ id: '01920c6e-7a00-7c3e-9d55-2b8f0c9d4e11' }))],
  ])('%s', async (_what, attachments) => {
    const answer = await say(world.listeners.md, 'asha', attachments)
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request'])
  })
})
