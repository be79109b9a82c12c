import { createHmac } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { TestService } from '@tract/testing/service'
import { Cli } from './support/cli.js'
import { type Answer, handmade, type Request } from './support/handmade-receiver.js'
import { LocalServer, receiving } from './support/local-receiver.js'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

let cli: Cli
const servers: LocalServer[] = []

beforeAll(async () => {
  cli = await Cli.create()
})
afterAll(() => cli.close())
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

async function endpoint(listener: RequestListener): Promise<string> {
  const server = await LocalServer.start(listener)
  servers.push(server)
  return server.url
}

/** What was found of an endpoint, by check. */
async function examined(url: string, ...args: string[]) {
  const { exit, json } = await cli.run('doctor', url, '--secret', SECRET, '--json', ...args)
  const findings = Object.fromEntries(json.findings.map((finding: { check: string }) => [finding.check, finding]))
  const named = (verdict: string) =>
    json.findings
      .filter((one: { verdict: string }) => one.verdict === verdict)
      .map(({ check }: { check: string }) => check)
  return { exit, json, findings, failed: named('failed'), warnings: named('warning'), skipped: named('skipped') }
}

const fits = (
  { headers, raw }: Request,
  signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${raw}`,
) => {
  const mac = createHmac('sha256', Buffer.alloc(32, 7)).update(signed).digest('base64')
  return (headers['webhook-signature'] ?? '').split(' ').includes(`v1,${mac}`)
}
const isRecent = ({ headers }: Request) => Math.abs(Date.now() / 1000 - Number(headers['webhook-timestamp'])) < 300
const isProper = (request: Request) => fits(request) && isRecent(request)
const refused: Answer = { status: 401, body: { error: 'no' } }

test('a receiver of the SDK passes every check', async () => {
  const { heard, listener } = receiving(SECRET, ({ name, payload }) => {
    if (name === 'user_events.create_user') return { ect_user_id: `case-${payload.user_id}` }
    return name === 'thread_control.offered' ? { offer: 'accepted' } : undefined
  })
  const { exit, json, failed, warnings, skipped, findings } = await examined(await endpoint(listener))
  // no file was uploaded, and so that is not run
  expect([failed, warnings, skipped, exit]).toEqual([[], [], ['files'], 0])
  expect([json.passed, json.skipped]).toEqual([19, 1])
  expect(findings.offer.seen).toBe('Accepted, twice.')
  const { metadata } = heard.find(({ name }) => name === 'thread_control.offered')?.payload ?? {}
  expect(Date.parse(metadata.expires_at)).toBeGreaterThan(Date.now())
})

test('with --files a file goes to TRACT, is told of, and is there byte for byte', async () => {
  const service = await TestService.start()
  try {
    const { desk } = (await service.world({ desk: 'ect' })).listeners
    await cli.profiles(service.url, { desk: desk.credentials })
    const { heard, listener } = receiving(SECRET)
    const url = await endpoint(listener)
    const options = ['--files', '--events', 'message.receive', '--conversations', '1', '--messages', '1']
    const { exit, findings } = await examined(url, ...options)
    expect([exit, findings.files]).toMatchObject([0, { verdict: 'passed' }])
    expect(findings.files.seen).toBe('100000 bytes were uploaded, told of, and downloaded as they were.')
    const [file] = heard.at(-2)?.payload.attachments ?? []
    expect(file).toMatchObject({ name: 'tract-doctor.bin', size: 100_000, url: expect.stringContaining(service.url) })

    await cli.profiles('http://127.0.0.1:5', { desk: desk.credentials })
    const away = await examined(url, ...options)
    expect([away.exit, away.failed]).toEqual([1, ['files']])
    const { seen, advice } = away.findings.files
    expect([seen, advice]).toEqual([
      expect.stringMatching(/^The upload failed: /),
      expect.stringMatching(/tract whoami/),
    ])
  } finally {
    await service.close()
  }
})

describe('a receiver that', () => {
  test.each<[string, (request: Request) => Answer, string[], string[]]>([
    [
      'verifies nothing',
      ({ body }) => ({ body: { success: true, ect_user_id: `case-${body.user_id}` } }),
      [
        ...['signature.wrong', 'signature.missing', 'signature.garbled', 'signature.body', 'signature.id'],
        ...['timestamp.old', 'timestamp.future'],
      ],
      [],
    ],
    [
      'does not look at the time',
      (request) => (fits(request) ? {} : refused),
      ['timestamp.old', 'timestamp.future'],
      ['create_user'],
    ],
    [
      'looks at the time in one direction only',
      (request) =>
        fits(request) && Date.now() / 1000 - Number(request.headers['webhook-timestamp']) < 300 ? {} : refused,
      ['timestamp.future'],
      ['create_user'],
    ],
    [
      'compares the header as a whole',
      (request) => (isProper(request) && !request.headers['webhook-signature']?.includes(' ') ? {} : refused),
      ['signature.rotation'],
      ['create_user'],
    ],
    [
      'fails at what is not signed, and does not refuse it',
      (request) => (isProper(request) ? {} : { status: 500 }),
      [],
      [
        ...['signature.wrong', 'signature.missing', 'signature.garbled', 'signature.body', 'signature.id'],
        ...['timestamp.old', 'timestamp.future', 'create_user'],
      ],
    ],
    [
      'knows its fields, events and types only',
      (request) => {
        if (!isProper(request)) return refused
        const { new_field, type, message_body } = request.body
        const isUnknown = new_field !== undefined || type === 'new_events' || message_body?.type === 'HOLOGRAM'
        return isUnknown ? { status: 400 } : {}
      },
      ['fields.unknown', 'events.unknown', 'message.unknown_type'],
      ['create_user'],
    ],
    [
      'takes 32 KiB at most',
      (request) => (!isProper(request) ? refused : Buffer.byteLength(request.raw) > 32_768 ? { status: 413 } : {}),
      ['message.long'],
      ['create_user'],
    ],
    [
      'shows no message without its file',
      (request) => (!isProper(request) ? refused : request.body.attachments?.length > 0 ? { status: 422 } : {}),
      ['message.attachment'],
      ['create_user'],
    ],
    [
      'answers an offer in words of its own',
      (request) =>
        !isProper(request) ? refused : request.body.subtype === 'offered' ? { body: { offer: 'yes' } } : {},
      ['offer'],
      ['create_user'],
    ],
    [
      'waits for what is missing',
      (request) =>
        !isProper(request)
          ? refused
          : request.headers['tract-sequence'] === '5' &&
              request.headers['tract-previous-id'] &&
              Number(request.body.message_id ?? 0) !== 5
            ? { status: 409 }
            : {},
      ['gap'],
      ['create_user'],
    ],
    [
      'refuses in the body of a 200',
      (request) =>
        !isProper(request) ? refused : request.body.details_available ? { body: { error: 'no such team' } } : {},
      ['create_user'],
      [],
    ],
  ])('%s is told so', async (_title, answer, failing, warned) => {
    const { exit, failed, warnings, findings } = await examined(
      await endpoint(handmade(answer)),
      '--conversations',
      '4',
    )
    expect([failed, warnings]).toEqual([failing, warned])
    expect(exit).toBe(failing.length > 0 ? 1 : 0)
    for (const check of [...failed, ...warnings]) {
      expect(findings[check].advice).toMatch(/^[A-Z].+\.$/)
      expect(findings[check].exchange).toMatchObject({
        request: { body: expect.any(String) },
        duration_ms: expect.any(Number),
      })
    }
  })

  test('handles a repetition anew is told so', async () => {
    const seen = new Set<string>()
    let cases = 0
    const answer = (request: Request): Answer => {
      if (!isProper(request)) return refused
      if (request.body.details_available) return { body: { success: true, ect_user_id: `case-${++cases}` } }
      const id = request.headers['webhook-id'] as string
      if (seen.has(id)) return { status: 409 }
      seen.add(id)
      return {}
    }
    const { failed, findings } = await examined(await endpoint(handmade(answer)), '--conversations', '4')
    expect(failed).toEqual(['duplicate', 'create_user'])
    expect(findings.create_user.seen).toMatch(/"case-2" and not "case-1"/)
  })

  test('takes one request at a time, slowly, is told that it does not keep up', async () => {
    let free = Date.now()
    const answer = (request: Request): Answer => {
      if (!isProper(request)) return refused
      const begins = Math.max(free, Date.now())
      free = begins + 250
      return { afterMs: free - Date.now(), body: { success: true, ect_user_id: 'x' } }
    }
    const url = await endpoint(handmade(answer))
    const { exit, failed, findings } = await examined(url, '--conversations', '30', '--messages', '1')
    expect([exit, failed]).toEqual([1, ['parallel']])
    expect(findings.parallel.seen).toMatch(/conversations came to a halt: .+(ms; 5000 ms is the limit|no answer)/)
  })

  test.each<[string, RequestListener | string, RegExp, RegExp]>([
    ['is not there', 'http://127.0.0.1:5', /no answer came: .*ECONNREFUSED/, /^Start the endpoint/],
    ['has a port that is never called', 'http://127.0.0.1:9/', /no answer came: bad port/, /^Give it another port/],
    [
      'has a name that leads nowhere',
      'http://nowhere.invalid/',
      /no answer came: .*ENOTFOUND|EAI_AGAIN/,
      /^Mend the host/,
    ],
    [
      'answers with a redirect',
      handmade(() => ({ status: 302, headers: { location: 'http://127.0.0.1:9/' } })),
      /redirects are not followed/,
      /^Give the URL that it redirects to/,
    ],
    ['has another secret', handmade(() => refused), /It answered 401/, /^Configure the secret/],
    ['has no such path', handmade(() => ({ status: 404 })), /it answered 404/, /^Mend the path/],
    ['fails', handmade(() => ({ status: 500 })), /it answered 500/, /^Look into the log/],
    ['refuses in its body', handmade(() => ({ body: { success: false } })), /refuses the payload/, /^Answer without/],
    ['breaks off', (request) => request.destroy(), /no answer came/, /^Look into the log/],
  ])('%s is asked for nothing more, and told what to do', async (_title, listener, seen, advice) => {
    const url = typeof listener === 'string' ? listener : await endpoint(listener)
    const { exit, json, skipped } = await examined(url)
    expect([exit, json.failed, json.passed, json.skipped]).toEqual([1, 1, 0, skipped.length])
    expect(json.findings[0]).toMatchObject({
      check: 'acknowledges',
      seen: expect.stringMatching(seen),
      advice: expect.stringMatching(advice),
    })
    expect(skipped).toEqual(expect.arrayContaining(['signature.wrong', 'parallel', 'offer', 'files']))
  })
})

test('says to a person what was sent, what came and what to do', async () => {
  const url = await endpoint(handmade((request) => (fits(request) ? {} : refused)))
  const ended = await cli.run('doctor', url, '--secret', SECRET, '--events', 'message.receive', '--conversations', '2')
  expect(ended.stdout).toMatch(
    /✗ timestamp\.old.+\n {2}seen {4}It was taken: 200\.\n {2}sent {4}webhook-id: .+\n {2}sent {4}webhook-timestamp: \d+\n {2}sent {4}webhook-signature: v1,.+\n {2}sent {4}\{.+\n {2}came {4}200 .+\n {2}do {6}Refuse a/,
  )
  expect(ended.stdout).toMatch(/✗ timestamp\.future(.+\n)+? {2}do {6}as for timestamp\.old\n/)
  expect(ended.stdout).toMatch(/- create_user +The URL is not for user_events.create_user/)
  expect(ended.stdout).toMatch(/\d+ passed, 0 warnings, 2 failed, 3 not run\n$/)
})

test('says in one line how much was not run where nothing is there to run it on', async () => {
  const ended = await cli.run('doctor', 'http://127.0.0.1:5', '--secret', SECRET)
  expect(ended.stdout).toMatch(/do {6}Start the endpoint.+\n- 19 other checks +Not run: acknowledges failed\.\n\n/)
  expect(ended.stdout).toMatch(/0 passed, 0 warnings, 1 failed, 19 not run\n$/)
})

test('signs with the secret of this machine where none is given, and says how to configure it', async () => {
  const secret = (await cli.run('listen', '--print-secret')).stdout.trim()
  const { listener } = receiving(secret)
  const ended = await cli.run('doctor', await endpoint(listener), '--conversations', '2')
  expect([ended.exit, ended.stderr]).toEqual([0, expect.stringMatching(/tract listen --print-secret/)])
  expect(ended.stdout + ended.stderr).not.toContain(secret)
})
