import { resolve } from 'node:path'
import leven from 'leven'

/** Every setting of the service. This file alone reads the environment. */
export interface Config {
  port: number
  host: string
  /** Where the service is reached from outside; issuer and audience of its tokens. */
  publicUrl: string
  dataDir: string
  /** Null: the embedded PostgreSQL in the data directory. */
  databaseUrl: string | null
  /** Null: the file `secret.key` of the data directory. */
  secretKey: string | null
  production: boolean
  /** Calls per client and minute. */
  rateLimit: number
  /** Milliseconds that a call may wait for its turn. */
  longestWait: number
  /** Seconds that an access token lives. */
  tokenTtl: number
  /** Days after which the signing key rotates. */
  keyRotationDays: number
  egressAllow: string
  /** A file of certificates to trust beside the usual ones; null: none. */
  caFile: string | null
  /** The proxy through which receivers are called; null: none. */
  httpsProxy: string | null
  /** What is reached without it. */
  noProxy: string
  /** Days that messages, events and deliveries are kept. */
  retentionDays: number
  logLevel: string
  /** Where metrics and health are served; null: nowhere. */
  operationsPort: number | null
  operationsHost: string
  /** A collector of traces that takes OTLP over HTTP; null: calls and attempts are not traced. */
  otlpEndpoint: string | null
  /** The part of traces that is recorded, 0 to 1. */
  traceSample: number
  /** Are there an organisation and parties to try everything with? */
  sandbox: boolean
}

interface Setting<Value> {
  default: (environment: NodeJS.ProcessEnv) => string
  shown: string
  about: string
  /** Throws a sentence that says what is allowed. */
  parse: (text: string) => Value
  /** It holds what opens a door: nothing that is printed shows it. */
  isSecret?: true
}

const integer = (least: number, most: number) => (text: string) => {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new Error(`must be an integer from ${least} to ${most}`)
  return value
}

const part = (text: string) => {
  if (!/^(0(\.\d+)?|1(\.0+)?)$/.test(text)) throw new Error('must be a number from 0 to 1')
  return Number(text)
}

const oneOf =
  (...words: string[]) =>
  (text: string) => {
    if (!words.includes(text)) throw new Error(`must be one of ${words.join(', ')}`)
    return text
  }

const address = (protocols: string[]) => (text: string) => {
  if (text === '') return ''
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !protocols.includes(url.protocol))
    throw new Error(`must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`)
  return text.replace(/\/+$/, '')
}

const always = (text: string) => () => text
const isProduction = (environment: NodeJS.ProcessEnv) => environment.NODE_ENV === 'production'

const SETTINGS = {
  TRACT_PORT: {
    default: always('8080'),
    shown: '8080',
    about: 'Port to listen on; 0 takes a free one.',
    parse: integer(0, 65_535),
  },
  TRACT_HOST: {
    default: always('127.0.0.1'),
    shown: '127.0.0.1',
    about: 'Address to listen on; 0.0.0.0 for every network.',
    parse: (text) => text,
  },
  TRACT_PUBLIC_URL: {
    default: always(''),
    shown: 'http://localhost:<port>',
    about: 'Address at which callers reach the service; the issuer of its tokens.',
    parse: address(['http:', 'https:']),
  },
  TRACT_DATA_DIR: {
    default: always('./.tract'),
    shown: './.tract',
    about: 'Embedded database, secret key and demo.json.',
    parse: (text) => resolve(text),
  },
  DATABASE_URL: {
    default: always(''),
    shown: 'embedded PostgreSQL',
    about: 'A PostgreSQL from version 14 up, as postgresql://user:password@host/database.',
    parse: address(['postgres:', 'postgresql:']),
    isSecret: true,
  },
  TRACT_SECRET_KEY: {
    default: always(''),
    shown: '<data dir>/secret.key',
    about: '32 bytes in base64 that encrypt the secrets in the database; the same for every process of one database.',
    parse: (text) => text,
    isSecret: true,
  },
  NODE_ENV: {
    default: always('development'),
    shown: 'development',
    about:
      'production: no demo organisation, no calls to loopback addresses, answers are not checked against the contract.',
    parse: oneOf('development', 'test', 'production'),
  },
  TRACT_EGRESS_ALLOW: {
    default: (environment) => (isProduction(environment) ? '' : 'http,127.0.0.0/8,::1/128'),
    shown: 'development: http,127.0.0.0/8,::1/128',
    about:
      'Networks that hooks may be on though they are not public, as CIDRs with commas between; the word http allows plain http to them.',
    parse: (text) => text,
  },
  TRACT_CA_FILE: {
    default: always(''),
    shown: 'the usual authorities alone',
    about:
      'A file of certificates in PEM: authorities of your own, to trust beside the usual ones when hooks are called.',
    parse: (text) => (text === '' ? '' : resolve(text)),
  },
  HTTPS_PROXY: {
    default: (environment) => environment.https_proxy ?? '',
    shown: 'no proxy',
    about:
      'A proxy, as http://user:password@host:port, through which https hooks are called. Names are resolved and vetted here all the same.',
    parse: (text) => text,
    isSecret: true,
  },
  NO_PROXY: {
    default: (environment) => environment.no_proxy ?? '',
    shown: 'nothing',
    about:
      'What is reached without the proxy: names with all below them, addresses, CIDRs, with commas between; * for all.',
    parse: (text) => text,
  },
  TRACT_RETENTION_DAYS: {
    default: always('90'),
    shown: '90',
    about: 'Days that messages, events and deliveries that have ended are kept; the same for every process.',
    parse: integer(1, 36_500),
  },
  TRACT_RATE_LIMIT: {
    default: always('6000'),
    shown: '6000',
    about: 'Calls per client and minute, in each process.',
    parse: integer(1, 10_000_000),
  },
  TRACT_LONGEST_WAIT: {
    default: always('600'),
    shown: '600',
    about:
      'Milliseconds that a call may wait for its turn. What could not begin by then is refused with 503, mostly as it comes, so that others are answered in time.',
    parse: integer(10, 600_000),
  },
  TRACT_TOKEN_TTL: {
    default: always('900'),
    shown: '900',
    about: 'Seconds that an access token lives.',
    parse: integer(1, 86_400),
  },
  TRACT_KEY_ROTATION_DAYS: {
    default: always('30'),
    shown: '30',
    about: 'Days after which the key that signs tokens rotates.',
    parse: integer(1, 3_650),
  },
  TRACT_LOG_LEVEL: {
    default: always('warn'),
    shown: 'warn',
    about: 'One of trace, debug, info, warn, error, fatal, silent.',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  },
  TRACT_OPERATIONS_PORT: {
    default: always(''),
    shown: 'not served',
    about:
      'Port for /metrics (Prometheus), /healthz and /readyz, for whoever watches over the service; 0 takes a free one.',
    parse: (text) => (text === '' ? null : integer(0, 65_535)(text)),
  },
  TRACT_OPERATIONS_HOST: {
    default: always('127.0.0.1'),
    shown: '127.0.0.1',
    about: 'Address to serve these at. They ask for no token: keep them to networks of your own.',
    parse: (text) => text,
  },
  TRACT_OTLP_ENDPOINT: {
    default: always(''),
    shown: 'no traces',
    about: 'A collector of traces that takes OTLP over HTTP, such as http://localhost:4318.',
    parse: address(['http:', 'https:']),
  },
  TRACT_TRACE_SAMPLE: {
    default: always('0.1'),
    shown: '0.1',
    about: 'The part of traces that is recorded, from 0 to 1; the same for every process.',
    parse: part,
  },
  TRACT_SANDBOX: {
    default: (environment) => (['', undefined, 'development'].includes(environment.NODE_ENV) ? 'on' : 'off'),
    shown: 'development: on',
    about:
      'on: an organisation Sandbox, with a virtual assistant, message delivery and an agent desk inside the process. For one process, and their hooks need http,127.0.0.1 in TRACT_EGRESS_ALLOW.',
    parse: oneOf('on', 'off'),
  },
} satisfies Record<string, Setting<unknown>>

export class ConfigError extends Error {}

/** The command line's, the clients' and the tests' own: they may stand in the environment of a service too. */
const OF_OTHERS = /^TRACT_(URL|PROFILE|CLIENT_ID|CLIENT_SECRET|CONFIG_DIR|HOOK_SECRET|SECRET|KEY|CHROMIUM|TEST_\w+)$/
/** What Kubernetes tells every process of a service that is called "tract". */
const OF_KUBERNETES = /^TRACT_(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/

function unknownSettings(environment: NodeJS.ProcessEnv): string[] {
  return Object.keys(environment)
    .filter((name) => /^TRACT_/i.test(name) && environment[name] !== '')
    .filter((name) => !Object.hasOwn(SETTINGS, name) && !OF_OTHERS.test(name) && !OF_KUBERNETES.test(name))
    .map((name) => `${name} is no setting.${didYouMean(nearest(name.toUpperCase(), Object.keys(SETTINGS)))}`)
}

/** The nearest of the names, if it is near. */
function nearest(word: string, names: readonly string[]): string | undefined {
  const [first] = names.map((name) => ({ name, distance: leven(word, name) })).sort((a, b) => a.distance - b.distance)
  return first && first.distance <= Math.max(2, word.length / 3) ? first.name : undefined
}

const didYouMean = (name: string | undefined) =>
  `${name ? ` Did you mean ${name}?` : ''} \`npm start -- --help\` lists what there is.`

const HELP = ['--help', '-h']

/** What the command line may hold is the wish for help. @throws {ConfigError} naming every other word */
export function wantsHelp(words: readonly string[]): boolean {
  const asOptions = new Map(Object.keys(SETTINGS).map((name) => [optionOf(name), name]))
  const problems = words
    .filter((word) => !HELP.includes(word))
    .map((word) => {
      const guess = nearest(word.split('=', 1)[0] as string, [...HELP, ...asOptions.keys()])
      const setting = guess && asOptions.get(guess)
      return `${word} is no option${setting ? ': settings are environment variables' : ''}.${didYouMean(setting ?? guess)}`
    })
  if (problems.length > 0) throw new ConfigError(problems.join('\n'))
  return words.length > 0
}

/** How a setting might be given by those who look for an option. */
const optionOf = (setting: string) =>
  `--${setting
    .replace(/^TRACT_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`

/** @throws {ConfigError} naming every setting that is wrong and what it may be */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const problems: string[] = unknownSettings(environment)
  const read = <Value>(name: string, setting: Setting<Value>): Value => {
    const given = environment[name]
    try {
      return setting.parse(given === undefined || given === '' ? setting.default(environment) : given)
    } catch (error) {
      problems.push(`${name} ${(error as Error).message}${setting.isSecret ? '' : `, not '${given}'`}`)
      return undefined as Value
    }
  }
  const port = read('TRACT_PORT', SETTINGS.TRACT_PORT)
  const config: Config = {
    port,
    host: read('TRACT_HOST', SETTINGS.TRACT_HOST),
    publicUrl: read('TRACT_PUBLIC_URL', SETTINGS.TRACT_PUBLIC_URL) || `http://localhost:${port}`,
    dataDir: read('TRACT_DATA_DIR', SETTINGS.TRACT_DATA_DIR),
    databaseUrl: read('DATABASE_URL', SETTINGS.DATABASE_URL) || null,
    secretKey: read('TRACT_SECRET_KEY', SETTINGS.TRACT_SECRET_KEY) || null,
    production: read('NODE_ENV', SETTINGS.NODE_ENV) === 'production',
    rateLimit: read('TRACT_RATE_LIMIT', SETTINGS.TRACT_RATE_LIMIT),
    longestWait: read('TRACT_LONGEST_WAIT', SETTINGS.TRACT_LONGEST_WAIT),
    tokenTtl: read('TRACT_TOKEN_TTL', SETTINGS.TRACT_TOKEN_TTL),
    keyRotationDays: read('TRACT_KEY_ROTATION_DAYS', SETTINGS.TRACT_KEY_ROTATION_DAYS),
    egressAllow: read('TRACT_EGRESS_ALLOW', SETTINGS.TRACT_EGRESS_ALLOW),
    caFile: read('TRACT_CA_FILE', SETTINGS.TRACT_CA_FILE) || null,
    httpsProxy: read('HTTPS_PROXY', SETTINGS.HTTPS_PROXY) || null,
    noProxy: read('NO_PROXY', SETTINGS.NO_PROXY),
    retentionDays: read('TRACT_RETENTION_DAYS', SETTINGS.TRACT_RETENTION_DAYS),
    logLevel: read('TRACT_LOG_LEVEL', SETTINGS.TRACT_LOG_LEVEL),
    operationsPort: read('TRACT_OPERATIONS_PORT', SETTINGS.TRACT_OPERATIONS_PORT),
    operationsHost: read('TRACT_OPERATIONS_HOST', SETTINGS.TRACT_OPERATIONS_HOST),
    otlpEndpoint: read('TRACT_OTLP_ENDPOINT', SETTINGS.TRACT_OTLP_ENDPOINT) || null,
    traceSample: read('TRACT_TRACE_SAMPLE', SETTINGS.TRACT_TRACE_SAMPLE),
    sandbox: read('TRACT_SANDBOX', SETTINGS.TRACT_SANDBOX) === 'on',
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'))
  return config
}

/** The text of `npm start -- --help`. */
export function help(): string {
  const lines = Object.entries(SETTINGS).map(
    ([name, { shown, about }]) => `  ${name.padEnd(24)} ${about}\n${' '.repeat(27)}Default: ${shown}`,
  )
  return `Starts TRACT. It is set up by environment variables:\n\n${lines.join('\n\n')}\n`
}
