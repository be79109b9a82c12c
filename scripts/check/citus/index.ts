/**
 * `npm run check:citus [-- step …] [options]`: whether TRACT works on a database with Citus, which TRACT_CITUS_URL names. It makes a
 * schema of its own there, and drops it.
 */
import { parseArgs } from 'node:util'
import { costs } from './cost.js'
import { sendMessages } from './messages.js'
import { OwnSchema } from './schema.js'
import { recordStatements, replay } from './statements.js'

const STEPS = ['statements', 'migration', 'messages', 'cost'] as const

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    messages: { type: 'string', default: '10000' },
    'stop-node': { type: 'string' },
    'start-node': { type: 'string' },
    test: { type: 'string', multiple: true, default: [] },
  },
})
const unknown = positionals.filter((name) => !STEPS.some((step) => step === name))
if (unknown.length > 0) throw new Error(`There is no step ${unknown.join(', ')}; there are ${STEPS.join(', ')}.`)
const isWanted = (step: (typeof STEPS)[number]) => positionals.length === 0 || positionals.includes(step)

const say = (text: string) => console.log(text)
const { 'stop-node': stop, 'start-node': start } = values

/** @returns how much of it was wrong */
async function statements(schema: OwnSchema): Promise<number> {
  const recorded = await recordStatements(values.test)
  const refusals = await replay(schema.url, schema.name, recorded)
  say(`${recorded.length - refusals.length} of ${recorded.length} statements are taken`)
  for (const { statement, error } of refusals) say(`✗ ${statement}\n    ${error}`)
  return refusals.length
}

async function messages(schema: OwnSchema): Promise<number> {
  const outage = stop !== undefined && start !== undefined ? { stop, start } : null
  if (!outage) say('No node is stopped: --stop-node and --start-node name commands that do.')
  const { wrong, facts } = await sendMessages(schema, Number(values.messages), outage)
  for (const fact of facts) say(`  ${fact}`)
  for (const text of wrong) say(`✗ ${text}`)
  return wrong.length
}

async function migration(schema: OwnSchema): Promise<number> {
  const isDistributed = await schema.migrateLater()
  say(isDistributed ? '  a later migration was applied' : '✗ what a later migration makes is not distributed')
  return isDistributed ? 0 : 1
}

async function check(url: string): Promise<number> {
  const schema = await OwnSchema.create(url)
  let wrong = 0
  try {
    await schema.migrate()
    if (isWanted('statements')) wrong += await statements(schema)
    if (isWanted('messages')) wrong += await messages(schema)
    if (isWanted('cost')) await costs(schema, (line) => say(`  ${line}`))
    if (isWanted('migration')) wrong += await migration(schema)
  } finally {
    await schema.drop()
  }
  return wrong
}

const { TRACT_CITUS_URL: url } = process.env
if (!url) say('Citus is not tried: TRACT_CITUS_URL names no database with it.')
else {
  // no setting of the services that are started here
  Object.assign(process.env, { TRACT_CITUS_URL: '' })
  process.exitCode = (await check(url)) === 0 ? 0 : 1
}
