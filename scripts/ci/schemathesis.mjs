/**
 * `npm run schemathesis`: generated calls, valid and broken, to every operation of both published documents at a running service, under all
 * of Schemathesis's checks but those that are switched off below. `npm run schemathesis -- --seed 1234 --seconds 30` repeats a run; the seed
 * is printed. Each document counts as one; without Python both are skipped. The last line: `N passed, N failed[, N skipped]`.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { missing, pythonPackages } from './generators/tools.mjs'
import { World } from './generators/world.mjs'

const SCHEMATHESIS = ['schemathesis==4.32.5', 'hypothesis==6.170.17']

/** A client calls thousands of times a minute here. */
const NO_RATE_LIMIT = { TRACT_RATE_LIMIT: '10000000' }

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000_000)) },
    // of each document
    seconds: { type: 'string', default: '60' },
  },
})

/**
 * - 422 says that an Idempotency-Key was used with another body: the document's example of a key comes with many bodies.
 * - 429 says that a client has used up its tests of hooks (60 a minute): `hooks/test` has a limit of its own, which no setting lifts.
 * - Whether what is well-formed is taken depends on more than its form for these, so `positive_data_acceptance` is off for them:
 *   the operations of OAuth (who authenticates, and which scopes the client holds), URLs of hooks (the address), public keys
 *   (a point has to be on its curve), lists (`after` is a page's `next`), and what nests deeper than 16 levels in open objects.
 */
const CONFIGURATION = `
request-timeout = 60
[generation]
database = "none"
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 401, 403, 404, 409, 422, 429]
`

/**
 * A new signing key may be asked for at once, and then the token that all calls come with is none any more. The two streams stay open
 * or wait for as long as they are asked to; the platform's is no body that a schema could be held against.
 */
const LEFT_OUT = ['rotateSigningKey', 'streamChanges', 'streamHooks']

const DEPENDS_ON_MORE = [
  'issueToken',
  'revokeToken',
  'registerHook',
  'createClient',
  'updateClient',
  'listDeliveries',
  'listOrganisations',
  'listListeners',
  'listClients',
  'listThreads',
  'listDeliveryHealth',
  'listDeliveryFaults',
  'listTimeline',
]

const counts = { passed: 0, failed: 0, skipped: 0 }
const reason = await missing('python')
if (reason) {
  counts.skipped = 2
  console.log(`- skipped: schemathesis (${reason})`)
} else await run()
const { passed, failed, skipped } = counts
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)
if (failed > 0) process.exitCode = 1

async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'tract-schemathesis-'))
  let world
  try {
    const program = join(await pythonPackages(SCHEMATHESIS), 'schemathesis')
    world = await World.start(folder, NO_RATE_LIMIT)
    for (const [audience, caller] of [
      ['vendor', 'desk'],
      ['platform', 'admin'],
    ])
      await check({ program, folder, world, audience, caller })
  } finally {
    await world?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function check({ program, folder, world, audience, caller }) {
  const name = `schemathesis: the ${audience} document (--seed ${values.seed})`
  try {
    const document = join(folder, `${audience}.json`)
    // its engine for patterns (Rust's) cannot read surrogates, and the UTF-8 that it sends cannot hold them
    const text = (await world.document(audience)).replaceAll('\\\\uD800-\\\\uDFFF', '')
    await writeFile(document, text)
    const known = (operation) => text.includes(`"operationId": "${operation}"`)
    const switchedOff = DEPENDS_ON_MORE.filter(known).map(
      (operation) =>
        `[[operations]]\ninclude-operation-id = "${operation}"\nchecks.positive_data_acceptance.enabled = false\n`,
    )
    await writeFile(join(folder, 'configuration.toml'), [CONFIGURATION, ...switchedOff].join(''))
    const options = [
      ...['--config-file', join(folder, 'configuration.toml'), '--no-color', 'run', document, '--url', world.url],
      ...['--header', `Authorization: Bearer ${await world.token(caller)}`],
      ...['--continue-on-failure', '--seed', values.seed, '--max-time', values.seconds],
      ...LEFT_OUT.filter(known).flatMap((operation) => ['--exclude-operation-id', operation]),
    ]
    const { stdout } = await promisify(execFile)(program, options, { cwd: folder, maxBuffer: 1 << 26 })
    counts.passed++
    console.log(`✓ ${name}: ${stdout.match(/\d+ generated.*/)?.[0] ?? ''}`)
  } catch (error) {
    counts.failed++
    console.log(`✗ ${name}\n${String(error.stdout || error.message).replace(/^/gm, '    ')}`)
  }
}
