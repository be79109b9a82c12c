import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { copyFile, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { freePort } from '@tract/testing/listen'
/** The packed client does the same on every runtime: the smoke suite runs on each, for real. One that is not installed is skipped, and counted. */
import { until } from '@tract/testing/until'
import { TractPlatform } from '../../src/platform/index.node.js'
import { Desk } from '../support/desk.js'
import { CLIENT, Packed, ROOT, run } from '../support/packed.js'
import { runtimes } from '../support/runtimes.js'

const STEPS = [
  ...[
    'token and list',
    'message',
    'with response',
    'pages',
    'error',
    'another error',
    'many at once',
    'abort',
    'timeout',
  ],
  ...['no connection', 'private key', 'tampered hook', 'signed hook'],
]

const MAIN = `import { smoke } from './smoke.js'
console.log(JSON.stringify(await smoke(JSON.parse(process.env.SMOKE))))
`
const WORKER = `import { smoke } from './smoke.js'
export default {
  async fetch(request) {
    try { return Response.json(await smoke(await request.json())) } catch (error) { return new Response(error.stack, { status: 500 }) }
  },
}
`

let desk: Desk
let packed: Packed
let config: Record<string, unknown>

beforeAll(async () => {
  desk = await Desk.open()
  packed = await Packed.install()
  await copyFile(join(CLIENT, 'test', 'package', 'smoke.js'), join(packed.folder, 'smoke.js'))
  await packed.write('main.js', MAIN)
  const { client_id, client_secret } = desk.service.demo.admin
  const operator = new TractPlatform({ baseUrl: desk.service.url, clientId: client_id, clientSecret: client_secret })
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { client } = await operator.clients.create({
    organisation_id: desk.world.organisation,
    listener_id: 'desk',
    name: 'smoke',
    scopes: ['hooks'],
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'EdDSA', kid: 'k1' } as never] },
  })
  await operator.close()
  config = {
    baseUrl: desk.proxy.url,
    ...desk.credentials('desk'),
    keyClientId: client.client_id,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    user_id: await desk.user('asha'),
  }
})
afterAll(async () => {
  await packed?.remove()
  await desk?.close()
})

/** How the client named itself to the service. */
const agents = () => new Set(desk.proxy.seen.map(({ headers }) => headers['user-agent']))

async function main(program: string, ...args: string[]): Promise<unknown> {
  desk.proxy.reset()
  return JSON.parse(await run(program, [...args, 'main.js'], packed.folder, { SMOKE: JSON.stringify(config) }))
}

async function bundle(contents: string, ...conditions: string[]): Promise<string> {
  const entry = await packed.write('entry.js', contents)
  const out = join(packed.folder, 'bundle.js')
  const flags = ['--bundle', '--format=esm', `--conditions=${conditions.join(',')}`, `--outfile=${out}`]
  await run(join(ROOT, 'node_modules', '.bin', 'esbuild'), [entry, ...flags], packed.folder)
  return out
}

/** Says why, where a test does not run: a skip has to be seen. */
function where(program: string | undefined, name: string): typeof test | typeof test.skip {
  if (!program)
    process.stderr.write(
      `${name} is not installed: its smoke suite is skipped (npm ci --prefix packages/client/runtimes)\n`,
    )
  return program ? test : test.skip
}

describe('the smoke suite passes', () => {
  test('on Node, over undici', async () => {
    expect(await main(process.execPath)).toEqual(STEPS)
    expect([...agents()]).toEqual([expect.stringMatching(/^tract-client\/\S+ \(contract\/\S+; node\/\d/)])
  })

  test('on Node, over the global fetch', async () => {
    expect(await main(process.execPath, '--conditions=browser')).toEqual(STEPS)
    expect([...agents()]).toEqual([
      expect.stringMatching(/^tract-client\/\S+ \(contract\/\S+; (unknown|Node\.js\/\d+)\)/),
    ])
  })

  where(runtimes.bun, 'Bun')('on Bun', async () => {
    expect(await main(runtimes.bun as string, 'run')).toEqual(STEPS)
    expect([...agents()]).toEqual([expect.stringMatching(/; Bun\/\d/)])
  })

  where(runtimes.deno, 'Deno')('on Deno', async () => {
    const flags = ['run', '--no-prompt', '--no-remote', '--node-modules-dir=manual', '--allow-net', '--allow-env']
    expect(await main(runtimes.deno as string, ...flags)).toEqual(STEPS)
    expect([...agents()]).toEqual([expect.stringMatching(/; Deno\/\d/)])
  })

  where(runtimes.workerd, 'workerd')('on workerd, the runtime of Workers', async () => {
    desk.proxy.reset()
    await bundle(WORKER, 'workerd', 'worker', 'browser')
    const port = await freePort()
    const capnp = await packed.write('worker.capnp', workerConfig(port))
    const worker = spawn(runtimes.workerd as string, ['serve', capnp], { cwd: packed.folder, stdio: 'pipe' })
    try {
      const answer = await until(() => ask(worker, port), 'an answer of workerd')
      expect(await answer.text()).toBe(JSON.stringify(STEPS))
      expect([...agents()]).toEqual([expect.stringMatching(/; Cloudflare-Workers/)])
    } finally {
      worker.kill('SIGKILL')
    }
  })

  where(runtimes.playwright && runtimes.chromium, 'Chromium')('in a page, in Chromium', async () => {
    desk.proxy.reset()
    const script = await bundle(`import { smoke } from './smoke.js'\nglobalThis.smoke = smoke\n`, 'browser')
    const { readFile } = await import('node:fs/promises')
    const source = await readFile(script, 'utf8')
    const html = `<!doctype html><title>smoke</title><script type="module">${source.replaceAll('</script', '<\\/script')}</script>`
    desk.proxy.fault = ({ path }) =>
      path === '/page'
        ? { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: html }
        : undefined
    const { chromium } = await import(runtimes.playwright as string)
    const browser = await chromium.launch({
      executablePath: runtimes.chromium,
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    })
    try {
      const page = await browser.newPage()
      await page.goto(`${desk.proxy.url}/page`)
      await page.waitForFunction('globalThis.smoke')
      expect(
        await page.evaluate(
          (given: unknown) => (globalThis as never as { smoke(given: unknown): unknown }).smoke(given),
          config,
        ),
      ).toEqual(STEPS)
      expect([...agents()].every((agent) => agent?.startsWith('Mozilla/'))).toBe(true)
    } finally {
      await browser.close()
    }
  })
})

describe('what is kept on the disk outlives the process that is killed', () => {
  const permissions = ['--allow-net', '--allow-env', '--allow-read', '--allow-write', '--allow-run', '--allow-sys']
  const deno = ['run', '--no-prompt', '--no-remote', '--node-modules-dir=manual', ...permissions]
  const rows: [name: string, program: string | undefined, args: string[]][] = [
    ['Node', process.execPath, []],
    ['Bun', runtimes.bun, ['run']],
    ['Deno', runtimes.deno, deno],
  ]
  for (const [name, program, args] of rows)
    where(program, name)(`on ${name}`, async () => {
      await copyFile(join(CLIENT, 'test', 'package', 'disk.js'), join(packed.folder, 'disk.js'))
      const folder = await mkdtemp(join(packed.folder, 'disk-'))
      const said = async (run: string) => {
        const child = spawn(program as string, [...args, 'disk.js', folder, run], { cwd: packed.folder })
        const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
        if (out === '') throw new Error(errors)
        return JSON.parse(out)
      }
      const kept = [
        ['one ', 'two'].map((part) => ({ id: `id of ${part}`, text: part })),
        7,
        { state: 'done', answer: 'answered' },
      ]
      expect(await said('first')).toEqual({ done: ['b1 by key-b1'], kept, isLocked: true })
      expect(await said('second')).toEqual({ done: ['a1 by key-a1', 'a2 by key-a2'], kept, isLocked: true })
    })
})

function workerConfig(port: number): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "main", esModule = embed "bundle.js")],
  compatibilityDate = "2026-01-01",
);
`
}

async function ask(worker: ChildProcess, port: number): Promise<Response | undefined> {
  if (worker.exitCode !== null) throw new Error(`workerd exited: ${String(worker.stderr?.read() ?? '')}`)
  return fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: JSON.stringify(config) }).catch(() => undefined)
}
