/**
 * `npm run check:citus [-- step …] [options]`: whether TRACT works on a database with Citus, which TRACT_CITUS_URL names. It makes a
 * schema of its own there, and drops it.
 */
import { given } from '../../ci/options.mjs'
import { costs } from './cost.js'
import { playDemo } from './demo.js'
import { sendMessages } from './messages.js'
import { OwnSchema } from './schema.js'
import { recordStatements, replay } from './statements.js'

const STEPS = ['statements', 'demo', 'messages', 'cost', 'migration'] as const

const { positionals, values } = given({
  allowPositionals: true,
  options: {
    slices: { type: 'string', multiple: true, default: ['1', '2'] },
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

let recording: ReturnType<typeof recordStatements> | undefined

/** @returns how much of it was wrong */
async function statements(schema: OwnSchema): Promise<number> {
  recording ??= recordStatements(values.test)
  const recorded = await recording
  const refusals = await replay(schema.sliceUrl, schema.name, recorded)
  say(`${recorded.length - refusals.length} of ${recorded.length} statements are taken`)
  for (const { statement, error } of refusals) say(`✗ ${statement}\n    ${error}`)
  return refusals.length
}

async function demo(schema: OwnSchema): Promise<number> {
  const { ok, output } = await playDemo(schema)
  say(ok ? '  the demo is played' : `✗ the demo failed:\n${output}`)
  return ok ? 0 : 1
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

async function cost(schema: OwnSchema): Promise<number> {
  if (schema.slices > 1) say('  what a message costs is measured with one slice')
  else await costs(schema, (line) => say(`  ${line}`))
  return 0
}

const WORK: Record<(typeof STEPS)[number], (schema: OwnSchema) => Promise<number>> = {
  statements,
  demo,
  messages,
  cost,
  migration,
}

/** Each step has a schema of its own. @returns how much was wrong */
async function check(url: string, slices: number): Promise<number> {
  let wrong = 0
  for (const step of STEPS.filter(isWanted)) {
    const schema = await OwnSchema.create(url, slices)
    try {
      await schema.migrate()
      const nodes = await schema.nodes()
      say(`${step}, with ${slices === 1 ? 'one slice' : `${slices} slices on ${nodes} nodes`}:`)
      if (slices > 1 && nodes === 1) wrong += 1
      wrong += await WORK[step](schema)
    } finally {
      await schema.drop()
    }
  }
  return wrong
}

const { TRACT_CITUS_URL: url } = process.env
if (!url) say('Citus is not tried: TRACT_CITUS_URL names no database with it.')
else {
  // no setting of the services that are started here
  Object.assign(process.env, { TRACT_CITUS_URL: '' })
  let wrong = 0
  for (const slices of values.slices) wrong += await check(url, Number(slices))
  process.exitCode = wrong === 0 ? 0 : 1
}
