/**
 * Whether Citus takes each statement of the service. The tests record them on a plain PostgreSQL, with real parameters, and each is
 * executed again in a distributed schema: several times on one connection, since a later plan may be made without the parameters.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deserialize } from 'node:v8'
import type pg from 'pg'
import { connectAlone, sessionOn } from '../../../packages/server/src/database/database.js'
import { execute } from '../command.js'

/** Those that play everything the service does. */
const TESTS = [
  'accept',
  'api',
  'attachments',
  'authentication',
  'demo',
  'deliver',
  'operations',
  'sandbox',
  'upkeep',
  'views',
]
/** PostgreSQL considers a plan without the parameters from the sixth execution on. */
const EXECUTIONS = 8
/** What makes a transaction is done here, and what tests ask of the planner is none of the service's. */
const NOT_REPLAYED = /^\s*(begin|commit|rollback|savepoint|release|explain)\b(?!;)/i
/** Integrity constraints: the rows of the recording are not there, or are there twice. */
const OF_ROWS = /^23/

interface Recorded {
  name?: string
  text: string
  values?: unknown[]
}

export interface Refusal {
  statement: string
  error: string
}

export async function recordStatements(tests: readonly string[]): Promise<Recorded[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tract-citus-'))
  const file = join(folder, 'statements')
  try {
    const paths = tests.length > 0 ? tests : TESTS.map((name) => `packages/server/test/${name}/`)
    const env = { TRACT_TEST_RECORD_STATEMENTS: file, TRACT_CITUS_URL: '' }
    const jest = await execute({ run: ['npm', 'run', '-s', 'jest', '--', ...paths, 'database/hot-statements'], env })
    if (!jest.ok) throw new Error(`The tests whose statements are recorded failed:\n${jest.output}`)
    const lines = (await readFile(file, 'utf8')).trim().split('\n')
    const recorded = lines.map((line): Recorded => deserialize(Buffer.from(line, 'base64')))
    const byText = new Map(recorded.map((one) => [one.text, one]))
    return [...byText.values()].filter(({ text }) => !NOT_REPLAYED.test(text))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** @returns those that are refused */
export async function replay(url: string, schema: string, recorded: readonly Recorded[]): Promise<Refusal[]> {
  const refusals: Refusal[] = []
  let client: pg.Client | undefined
  for (const statement of recorded) {
    client ??= await connect(url)
    const error = await refusalOf(client, inSchema(statement, schema))
    if (error === null) continue
    refusals.push({ statement: `${statement.name ?? '(no name)'}: ${shortened(statement.text)}`, error })
    // after an error that closed it, or a plan that is left half made
    await client.end().catch(() => {})
    client = undefined
  }
  await client?.end()
  return refusals
}

/** Prisma names the schema of the recording. Bytes are such again. */
const inSchema = ({ name, text, values }: Recorded, schema: string): pg.QueryConfig => ({
  ...(name !== undefined && { name }),
  text: text.replaceAll('"public".', `"${schema}".`),
  ...(values && { values: values.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value)) }),
})

async function refusalOf(client: pg.Client, statement: pg.QueryConfig): Promise<string | null> {
  for (let time = 0; time < EXECUTIONS; time++) {
    try {
      await client.query('begin')
      await client.query(statement.values ? statement : statement.text)
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      if (!OF_ROWS.test(code ?? '')) return `${code ?? 'no answer'}: ${message}`
    }
    try {
      await client.query('rollback')
    } catch (error) {
      return (error as Error).message
    }
  }
  return null
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = await connectAlone({ connectionString, hasCitus: true }, 'check')
  for (const [name, value] of Object.entries(sessionOn({ hasCitus: true })))
    await client.query('select set_config($1, $2, false)', [name, value])
  return client
}

const shortened = (text: string) => text.replace(/\s+/g, ' ').trim().slice(0, 120)
