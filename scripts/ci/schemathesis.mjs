/**
 * `npm run schemathesis`: generated calls, valid and broken, to every operation of both published
 * documents at a running service, with all of Schemathesis's checks but those that are switched off
 * below. `-- --seed 1234 --seconds 60` repeats a run; the seed is printed. Each document counts as
 * one check; without Python both are skipped.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { output } from './command.mjs'
import { check, finish, skip } from './count.mjs'
import { missing, pythonPackages } from './generators/tools.mjs'
import { World } from './generators/world.mjs'
import { given } from './options.mjs'

const SCHEMATHESIS = ['schemathesis==4.32.5', 'hypothesis==6.170.17']

/** Schemathesis calls thousands of times a minute. */
const NO_RATE_LIMIT = { TRACT_RATE_LIMIT: '10000000' }

const { values } = given({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000_000)) },
    // Of each document.
    seconds: { type: 'string', default: '60' },
  },
})

/**
 * - 422: the document's example of an Idempotency-Key comes with many bodies.
 * - 429: a client has used up its 60 tests of hooks a minute, a limit that no setting raises.
 */
const CONFIGURATION = `
request-timeout = 60
[generation]
database = "none"
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 401, 403, 404, 409, 422, 429]
`

/**
 * A new signing key would make the token of all calls invalid. The two streams stay open for as
 * long as they are asked to, and no schema describes the platform's.
 */
const LEFT_OUT = ['rotateSigningKey', 'streamChanges', 'streamHooks']

/**
 * Whether these take a well-formed call depends on more than its form: on who authenticates and on
 * its scopes (OAuth), on the address of a URL, on whether a point is on its curve (public keys), on
 * `after`, which is a page's `next`, or on the size of a file: an empty one is refused, which no
 * schema says (generators do not compile with the length of a file).
 */
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
  'uploadAttachment',
  'getAttachment',
  'openAttachmentLink',
]

/** Whatever stands in the part is a file: a value of another type goes out as bytes as well. */
const TAKES_ANY_BYTES = ['uploadAttachment']

const DOCUMENTS = [
  { audience: 'vendor', caller: 'desk' },
  { audience: 'platform', caller: 'admin' },
]
const nameOf = (audience) => `schemathesis: the ${audience} document (--seed ${values.seed})`

const reason = await missing('python')
if (reason) for (const { audience } of DOCUMENTS) skip(nameOf(audience), reason)
else await run()
finish()

async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'tract-schemathesis-'))
  let world
  try {
    const program = join(await pythonPackages(SCHEMATHESIS), 'schemathesis')
    world = await World.start(folder, NO_RATE_LIMIT)
    for (const { audience, caller } of DOCUMENTS)
      await check(nameOf(audience), async () => {
        const document = join(folder, `${audience}.json`)
        // Its engine for patterns cannot read surrogates, and its UTF-8 cannot hold them.
        const text = (await world.document(audience)).replaceAll('\\\\uD800-\\\\uDFFF', '')
        await writeFile(document, text)
        const known = (operation) => text.includes(`"operationId": "${operation}"`)
        const without = (check) => (operation) =>
          `[[operations]]\ninclude-operation-id = "${operation}"\nchecks.${check}.enabled = false\n`
        const switchedOff = [
          ...DEPENDS_ON_MORE.filter(known).map(without('positive_data_acceptance')),
          ...TAKES_ANY_BYTES.filter(known).map(without('negative_data_rejection')),
        ]
        await writeFile(join(folder, 'configuration.toml'), [CONFIGURATION, ...switchedOff].join(''))
        const options = [
          ...['--config-file', join(folder, 'configuration.toml'), '--no-color', 'run', document, '--url', world.url],
          ...['--header', `Authorization: Bearer ${await world.token(caller)}`],
          ...['--continue-on-failure', '--seed', values.seed, '--max-time', values.seconds],
          ...LEFT_OUT.filter(known).flatMap((operation) => ['--exclude-operation-id', operation]),
        ]
        const printed = await output(program, options, { cwd: folder })
        console.log(`  ${printed.match(/\d+ generated.*/)?.[0] ?? ''}`)
      })
  } finally {
    await world?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
