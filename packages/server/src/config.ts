import { resolve } from 'node:path'
import { unknownOptions, unknownSettings } from './setting-names.js'
import { address, asItIs, databaseAddress, integer, oneOf, orNull, part, processes } from './setting-values.js'

interface Setting<Value> {
  /** The environment variable. */
  name: string
  /** Nothing where it is absent. */
  default?: string | ((environment: NodeJS.ProcessEnv) => string)
  /** How `--help` tells the default, where that is not the text itself. */
  shown?: string
  about: string
  /** Throws a sentence that says what is allowed. */
  parse: (text: string) => Value
  /** It opens a door: no message shows it. */
  isSecret?: true
}

const isProduction = (environment: NodeJS.ProcessEnv) => environment.NODE_ENV === 'production'

const SETTINGS = {
  port: {
    name: 'TRACT_PORT',
    default: '8080',
    about: 'Port to listen on; 0 takes a free one.',
    parse: integer(0, 65_535),
  },
  host: {
    name: 'TRACT_HOST',
    default: '127.0.0.1',
    about: 'Address to listen on; 0.0.0.0 for every network.',
    parse: asItIs,
  },
  sharePort: {
    name: 'TRACT_SHARE_PORT',
    default: 'off',
    about:
      'on: several processes of this machine may listen on TRACT_PORT together, so that a new one can take over from an old one. Needs Linux or a BSD, and Node 22.12.',
    parse: (text) => oneOf('on', 'off')(text) === 'on',
  },
  processes: {
    name: 'TRACT_PROCESSES',
    default: '1',
    about:
      'Processes that share the port and the work, each on a core of its own; auto for as many as there are cores.',
    parse: processes,
  },
  publicUrl: {
    name: 'TRACT_PUBLIC_URL',
    shown: 'http://localhost:<port>',
    about: 'Address at which callers reach the service; the issuer of its tokens.',
    parse: (text) => (text === '' ? '' : address(['http:', 'https:'], 'bare')(text)),
  },
  dataDir: {
    name: 'TRACT_DATA_DIR',
    default: './.tract',
    about: 'Embedded database, secret key and demo.json.',
    parse: resolve,
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    shown: 'embedded PostgreSQL',
    about:
      'A PostgreSQL from version 14 up, as postgresql://user:password@host/database; several hosts with commas between, of which the one that takes writes is used.',
    parse: orNull(databaseAddress),
    isSecret: true,
  },
  databaseDirectUrl: {
    name: 'DATABASE_DIRECT_URL',
    shown: 'DATABASE_URL',
    about: 'The same database without the pooler that DATABASE_URL leads to, for notifications and migrations.',
    parse: orNull(databaseAddress),
    isSecret: true,
  },
  databasePool: {
    name: 'TRACT_DATABASE_POOL',
    default: '20',
    about:
      'Connections to the database for calls, at most. A process has those for deliveries and two more beside them.',
    parse: integer(2, 1_000),
  },
  databaseDeliveryPool: {
    name: 'TRACT_DATABASE_DELIVERY_POOL',
    default: '8',
    about: 'Connections to the database for deliveries, at most.',
    parse: integer(2, 1_000),
  },
  slices: {
    name: 'TRACT_SLICES',
    shown: 'as many as the database has, or 1',
    about:
      'Parts into which the data of users is divided in a new database, for as many nodes of Citus; the database keeps them.',
    parse: orNull(integer(1, 64)),
  },
  databaseTimeout: {
    name: 'TRACT_DATABASE_TIMEOUT',
    default: '10000',
    about:
      'Milliseconds after which a database that does not answer counts as gone. Half of them for a connection, and for a transaction in which nothing happens.',
    parse: integer(1_000, 600_000),
  },
  secretKey: {
    name: 'TRACT_SECRET_KEY',
    shown: '<data dir>/secret.key',
    about: '32 bytes in base64 that encrypt the secrets in the database; the same for every process of one database.',
    parse: orNull(asItIs),
    isSecret: true,
  },
  production: {
    name: 'NODE_ENV',
    default: 'development',
    about:
      'production: no demo organisation, no calls to loopback addresses, answers are not checked against the contract.',
    parse: (text) => oneOf('development', 'test', 'production')(text) === 'production',
  },
  egressAllow: {
    name: 'TRACT_EGRESS_ALLOW',
    default: (environment) => (isProduction(environment) ? '' : 'http,127.0.0.0/8,::1/128'),
    shown: 'development: http,127.0.0.0/8,::1/128',
    about:
      'Networks that hooks may be on though they are not public, as CIDRs with commas between; the word http allows plain http to them.',
    parse: asItIs,
  },
  caFile: {
    name: 'TRACT_CA_FILE',
    shown: 'the usual authorities alone',
    about:
      'A file of certificates in PEM: authorities of your own, to trust beside the usual ones when hooks are called.',
    parse: orNull(resolve),
  },
  httpsProxy: {
    name: 'HTTPS_PROXY',
    default: (environment) => environment.https_proxy ?? '',
    shown: 'no proxy',
    about:
      'A proxy, as http://user:password@host:port, through which https hooks are called. Names are resolved and vetted here all the same.',
    parse: orNull(asItIs),
    isSecret: true,
  },
  noProxy: {
    name: 'NO_PROXY',
    default: (environment) => environment.no_proxy ?? '',
    shown: 'nothing',
    about:
      'What is reached without the proxy: names with all below them, addresses, CIDRs, with commas between; * for all.',
    parse: asItIs,
  },
  retentionDays: {
    name: 'TRACT_RETENTION_DAYS',
    default: '90',
    about:
      'Days that messages, events, and conversations and deliveries that are over are kept; the same for every process.',
    parse: integer(1, 36_500),
  },
  search: {
    name: 'TRACT_SEARCH',
    default: 'on',
    about:
      'off: messages are not read for the search of threads by what was said, which is refused then; the same for every process.',
    parse: (text) => oneOf('on', 'off')(text) === 'on',
  },
  attachments: {
    name: 'TRACT_ATTACHMENTS',
    shown: '<data dir>/attachments',
    about:
      'Where files of messages are kept: a folder, which several processes share, or a bucket as s3://bucket/prefix?endpoint=https://…&region=…',
    parse: asItIs,
  },
  s3KeyId: {
    name: 'AWS_ACCESS_KEY_ID',
    shown: 'none',
    about: 'The key to the bucket of TRACT_ATTACHMENTS, with AWS_SECRET_ACCESS_KEY.',
    parse: asItIs,
  },
  s3Key: {
    name: 'AWS_SECRET_ACCESS_KEY',
    shown: 'none',
    about: 'Its secret.',
    parse: asItIs,
    isSecret: true,
  },
  attachmentLimit: {
    name: 'TRACT_ATTACHMENT_LIMIT',
    default: '26214400',
    about: 'Bytes that a file may have; 25 MiB unless set otherwise.',
    parse: integer(1, 1_073_741_824),
  },
  unnamedAttachmentsLimit: {
    name: 'TRACT_UNNAMED_ATTACHMENTS_LIMIT',
    default: '1073741824',
    about:
      'Bytes that the files of a listener which no message names may have together, each counted as 64 KiB at least; 1 GiB unless set otherwise.',
    parse: integer(1, Number.MAX_SAFE_INTEGER),
  },
  rateLimit: {
    name: 'TRACT_RATE_LIMIT',
    default: '6000',
    about: 'Calls per client and minute, of all processes of one start together.',
    parse: integer(1, 10_000_000),
  },
  longestWait: {
    name: 'TRACT_LONGEST_WAIT',
    default: '600',
    about:
      'Milliseconds that a call may wait for its turn. What could not begin by then is refused with 503, mostly as it comes, so that others are answered in time.',
    parse: integer(10, 600_000),
  },
  tokenTtl: {
    name: 'TRACT_TOKEN_TTL',
    default: '900',
    about: 'Seconds that an access token lives.',
    parse: integer(1, 86_400),
  },
  keyRotationDays: {
    name: 'TRACT_KEY_ROTATION_DAYS',
    default: '30',
    about: 'Days after which the key that signs tokens rotates.',
    parse: integer(1, 3_650),
  },
  logLevel: {
    name: 'TRACT_LOG_LEVEL',
    default: 'warn',
    about: 'One of trace, debug, info, warn, error, fatal, silent.',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  },
  operationsPort: {
    name: 'TRACT_OPERATIONS_PORT',
    shown: 'not served',
    about: 'Port for /metrics (Prometheus), /healthz and /readyz, for those who run the service; 0 takes a free one.',
    parse: orNull(integer(0, 65_535)),
  },
  operationsHost: {
    name: 'TRACT_OPERATIONS_HOST',
    default: '127.0.0.1',
    about: 'Address to serve these at. They ask for no token: keep them to networks of your own.',
    parse: asItIs,
  },
  otlpEndpoint: {
    name: 'TRACT_OTLP_ENDPOINT',
    shown: 'no traces',
    about: 'A collector of traces that takes OTLP over HTTP, such as http://localhost:4318.',
    parse: orNull(address(['http:', 'https:'])),
  },
  traceSample: {
    name: 'TRACT_TRACE_SAMPLE',
    default: '0.1',
    about: 'The part of traces that is recorded, from 0 to 1; the same for every process.',
    parse: part,
  },
  sandbox: {
    name: 'TRACT_SANDBOX',
    default: (environment) => (['', undefined, 'development'].includes(environment.NODE_ENV) ? 'on' : 'off'),
    shown: 'development: on',
    about:
      'on: an organisation Sandbox, with a virtual assistant, message delivery and an agent desk inside the process. For one start, and their hooks need http,127.0.0.1 in TRACT_EGRESS_ALLOW.',
    parse: (text) => oneOf('on', 'off')(text) === 'on',
  },
} satisfies Record<string, Setting<unknown>>

const NAMES = Object.values(SETTINGS).map(({ name }) => name)

/** Every setting of the service, by what it sets; null where there is none. */
export type Config = { -readonly [Key in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[Key]['parse']> }

export class ConfigError extends Error {}

const HELP = ['--help', '-h']

/** What the command line may hold is the wish for help. @throws {ConfigError} naming every other word */
export function wantsHelp(words: readonly string[]): boolean {
  const problems = unknownOptions(words, HELP, NAMES)
  if (problems.length > 0) throw new ConfigError(problems.join('\n'))
  return words.length > 0
}

/** @throws {ConfigError} naming every setting that is wrong and what it may be */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const problems: string[] = unknownSettings(environment, NAMES)
  const read = ({ name, default: otherwise = '', parse, isSecret }: Setting<unknown>): unknown => {
    const given = environment[name] || (typeof otherwise === 'string' ? otherwise : otherwise(environment))
    try {
      return parse(given)
    } catch (error) {
      problems.push(`${name} ${(error as Error).message}${isSecret ? '' : `, not '${given}'`}`)
      return undefined
    }
  }
  const config = Object.fromEntries(Object.entries(SETTINGS).map(([key, setting]) => [key, read(setting)])) as Config
  if (problems.length > 0) throw new ConfigError(problems.join('\n'))
  return { ...config, publicUrl: config.publicUrl || `http://localhost:${config.port}` }
}

/** The text of `--help`. */
export function help(): string {
  const lines = Object.values<Setting<unknown>>(SETTINGS).map(
    ({ name, shown, default: otherwise, about }) =>
      `  ${name.padEnd(24)} ${about}\n${' '.repeat(27)}Default: ${shown ?? otherwise}`,
  )
  return `Starts TRACT. It is set up by environment variables:\n\n${lines.join('\n\n')}\n`
}
