/**
 * Messages through a service on Citus: accepted from 64 users at a time, each heard in order and stored once; and then their history
 * pruned. A node may be stopped and started in between, where the operator says how.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../../packages/server/src/config.js'
import { type Service, startService } from '../../../packages/server/src/service.js'
import { PATIENT_SETTINGS } from '../../../packages/testing/src/patient-settings.js'
import { until } from '../../../packages/testing/src/until.js'
import { compare } from '../../faults/failover/compare.js'
import { Load } from '../../faults/failover/load.js'
import { execute } from '../command.js'
import type { OwnSchema } from './schema.js'

const USERS = 64
/** Calls that may have been accepted before the node went, and are answered after it. */
const MOST_UNDER_WAY = USERS

/** What stops the node of the first slice, and what starts it: commands of a shell, which are told of it. */
export interface Outage {
  stop: string
  start: string
}

export interface MessagesResult {
  wrong: string[]
  facts: string[]
}

export async function sendMessages(
  schema: OwnSchema,
  messages: number,
  outage: Outage | null,
): Promise<MessagesResult> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tract-citus-'))
  const environment = {
    NODE_ENV: 'production',
    TRACT_PORT: '0',
    TRACT_PUBLIC_URL: 'http://localhost',
    TRACT_EGRESS_ALLOW: 'http,127.0.0.0/8',
    ...PATIENT_SETTINGS,
    TRACT_DATA_DIR: dataDir,
    TRACT_SECRET_KEY: randomBytes(32).toString('base64'),
    // what fails while a node is away is counted here
    TRACT_LOG_LEVEL: outage ? 'fatal' : 'warn',
    DATABASE_URL: schema.url,
    TRACT_SLICES: String(schema.slices),
  }
  const start = (keep?: number) =>
    startService(readConfig(environment), {
      notice: () => {},
      ...(keep !== undefined && { retention: { keep, look: 100, round: 1_000 } }),
    })
  const result: MessagesResult = { wrong: [], facts: [] }
  let service: Service | undefined = await start()
  try {
    const { admin } = JSON.parse(await readFile(join(dataDir, 'admin.json'), 'utf8'))
    const { port } = service.app.addresses()[0] as { port: number }
    const load = await Load.prepare([`http://127.0.0.1:${port}`], admin)
    try {
      await flood(load, messages, outage, schema, result)
      await compare(load, async (text) => ({ rows: [{ count: await schema.count(text) }] }), result.wrong)
    } finally {
      await load.close()
    }
    await service.close()
    // what was written just now is history to it
    service = await start(1)
    await pruned(schema, result)
  } finally {
    await service?.close()
    await rm(dataDir, { recursive: true, force: true })
  }
  return result
}

async function flood(
  load: Load,
  messages: number,
  outage: Outage | null,
  schema: OwnSchema,
  { wrong, facts }: MessagesResult,
): Promise<void> {
  const accepted = (share: number) =>
    until(() => load.acceptedAt.length >= messages * share, `${messages * share} accepted messages`)
  const began = performance.now()
  load.begin(USERS)
  if (outage) {
    await accepted(1 / 3)
    const node = await schema.node()
    await shell(outage.stop, node)
    const answered = load.refused
    await until(() => load.refused > answered, 'a call that is not accepted')
    if (schema.slices > 1) {
      const before = load.acceptedAt.length
      await until(() => load.acceptedAt.length >= before + MOST_UNDER_WAY + 500, 'calls about users of other slices')
      facts.push(`${load.acceptedAt.length - before} messages of other slices accepted while the node was stopped`)
    }
    await shell(outage.start, node)
    const started = performance.now()
    const before = new Map([...load.accepted].map(([user, numbers]) => [user, numbers.length]))
    const goesOn = ([user, numbers]: [string, number[]]) => numbers.length > (before.get(user) ?? 0)
    await until(() => [...load.accepted].every(goesOn), 'an accepted call about each user')
    facts.push(`accepted for all users again ${Math.round(performance.now() - started)} ms after the node was started`)
  }
  if (schema.slices > 1) {
    await accepted(2 / 3)
    const moving = performance.now()
    await schema.moveFirst()
    facts.push(`the first slice was moved to another node in ${Math.round(performance.now() - moving)} ms`)
  }
  await accepted(1)
  await load.end()
  const seconds = (performance.now() - began) / 1_000
  const answers = [...load.answers].map(([answer, times]) => `${times} × ${answer}`).join(', ')
  facts.push(`${load.acceptedAt.length} messages accepted in ${seconds.toFixed(1)} s; answers: ${answers}`)
  for (const [answer, times] of load.answers)
    if (answer !== '200' && answer !== '503') wrong.push(`${times} calls ended in ${answer}`)
}

async function shell(command: string, { host, port }: { host: string; port: string }): Promise<void> {
  const env = { CITUS_NODE_HOST: host, CITUS_NODE_PORT: port }
  const { ok, output } = await execute({ run: ['sh', '-c', command], env })
  if (!ok) throw new Error(`"${command}" failed:\n${output}`)
}

async function pruned(schema: OwnSchema, { facts }: MessagesResult): Promise<void> {
  const count = () =>
    schema.count('select (select count(*) from messages)::int + (select count(*) from deliveries)::int as count')
  const before = await count()
  await until(async () => (await count()) === 0, 'the end of the history')
  facts.push(`${before} messages and deliveries pruned`)
}
