/**
 * `npm run demo`: an IVA, a message delivery and an agent desk talk through a running TRACT, each a process of its own that knows
 * nothing of the others. This program plays the two people, the user and the agent, prints what each party saw, and checks
 * every hop: that it comes, in time, signed, and in order.
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Columns } from './columns.mjs'
import { HopError, Party } from './party.mjs'

const demo = await findService()
const user = `demo-${randomUUID().slice(0, 8)}`
const columns = new Columns(['message_delivery', 'iva', 'desk'])
const start = (name, file) => {
  const { client_id, client_secret } = demo.listeners[name]
  const environment = {
    DEMO_URL: demo.url,
    DEMO_CLIENT_ID: client_id,
    DEMO_CLIENT_SECRET: client_secret,
    DEMO_USER: user,
  }
  return new Party(name, file, environment, show)
}

console.log(
  `User ${user} at ${demo.url}: → what a party sends, ← what TRACT delivers to it, (1) the number of the conversation.\n`,
)
columns.heading(['message_delivery (the user)', 'iva (the assistant)', 'desk (the agent)'])
const delivery = start('message_delivery', 'message-delivery.mjs')
const iva = start('iva', 'iva.mjs')
const desk = start('desk', 'desk.mjs')
const parties = [delivery, iva, desk]

try {
  for (const party of parties) await party.isReady()
  await play()
  for (const party of parties) party.heardNothingElse()
  const count = parties.reduce((sum, { heard }) => sum + heard, 0)
  const slowest = Math.ceil(Math.max(...parties.map((party) => party.slowest)))
  console.log(`\n${count} deliveries: all came, signed and in order, the slowest ${slowest} ms after what led to it.`)
} catch (error) {
  console.error(`\nThe demo failed. ${error instanceof HopError ? error.message : error.stack}`)
  process.exitCode = 1
} finally {
  await Promise.all(parties.map((party) => party.leaves()))
}

async function play() {
  const inFirst = { user_id: user, conversation_number: '1' }
  const inSecond = { user_id: user, conversation_number: '2' }
  const message = (message_id, sender, more) => ({ ...inFirst, message_id, sender, ...more })

  // the user's first message opens a conversation, and the assistant, in control of it, answers
  delivery.does('write', 'My bill is wrong')
  await iva.hears('conversation_state.bot', inFirst)
  await iva.hears('message.receive', message(1, 'ceu', { in_control: true }))
  await delivery.hears('message.receive', message(2, 'iva'))

  // it cannot help with the next one and offers control: the desk is told of the user, then what it is about, then what was said
  delivery.does('write', 'I was charged twice')
  await iva.hears('message.receive', message(3, 'ceu', { in_control: true }))
  await delivery.hears('message.receive', message(4, 'iva'))
  const context = { reason: 'not_understood', summary: 'The user asked: I was charged twice' }
  const about = (metadata) => isDeepStrictEqual(metadata.context, context)
  await desk.hears('user_events.create_user', { user_id: user, user_name: 'Asha Rao' })
  await desk.hears('thread_control.offered', { ...inFirst, metadata: about })
  await desk.hears('message.receive', message(1, 'ceu', { history: true }))
  await desk.hears('message.receive', message(2, 'iva', { history: true }))
  await desk.hears('message.receive', message(3, 'ceu', { history: true }))
  await desk.hears('message.receive', message(4, 'iva', { history: true }))

  // accepted, control goes over
  desk.does('accept')
  await iva.hears('thread_control.accepted', inFirst)
  await iva.hears('conversation_state.incomplete', inFirst)
  await desk.hears('thread_control.assigned', { ...inFirst, metadata: about })
  await desk.hears('conversation_state.incomplete', inFirst)

  // an agent takes the conversation and answers; the assistant hears it too
  desk.does('allocate')
  await iva.hears('aeu_events.allocated', { ...inFirst, listener: 'desk' })
  desk.does('write', 'I am sorry. The second 499 rupees go back to you today.')
  const agent = { id: 'ravi', name: 'Ravi', team: 'billing' }
  await delivery.hears('message.receive', message(5, 'aeu', { agent }))
  await iva.hears('message.receive', message(5, 'aeu', { agent, in_control: false }))

  // the user's next message is the agent's to answer, and has a picture, which the desk fetches
  delivery.does('show', 'Thank you! Here is what I paid.')
  const mine = { in_control: true, history: undefined, ect_user_id: `case-${user}`, attachments: isReceipt }
  await desk.hears('message.receive', message(6, 'ceu', mine))
  await iva.hears('message.receive', message(6, 'ceu', { in_control: false, attachments: isReceipt }))

  // the agent is done: how it ended goes along
  desk.does('complete')
  await iva.hears('conversation_state.complete', inFirst)

  // the user rates it, which those who held the conversation are told
  delivery.does('rate', 'Quick and kind')
  await iva.hears('user_events.feedback', inFirst)
  await desk.hears('user_events.feedback', inFirst)

  // with the next message a second conversation begins, with the assistant again
  delivery.does('write', 'How much data do I have left?')
  await iva.hears('conversation_state.bot', inSecond)
  await iva.hears('message.receive', { ...inSecond, message_id: 7, sender: 'ceu', in_control: true })
  await delivery.hears('message.receive', { ...inSecond, message_id: 8, sender: 'iva' })
}

/** Is it the one file that the user sent? */
function isReceipt([file, ...more]) {
  const sha256 = createHash('sha256')
    .update(readFileSync(new URL('receipt.png', import.meta.url)))
    .digest('hex')
  return more.length === 0 && file.sha256 === sha256 && file.content_type === 'image/png' && file.width === 96
}

function show({ name }, { sent, fetched, got, problem, payload, note }) {
  if (sent) columns.line(name, `→ ${sent}`)
  if (fetched) columns.line(name, `fetched ${fetched}`)
  if (problem) columns.line(name, `← ${got}: ${problem}`)
  if (note) columns.line(name, `(${note})`)
  if (!payload) return
  const { message_body, message_id, sender, agent, history, conversation_number, metadata, attachments } = payload
  const who = agent ? `${sender} ${agent.name}` : sender
  const files = attachments?.map((file) => ` [${file.name}]`).join('') ?? ''
  if (message_body)
    return columns.line(name, `← ${message_id} ${who}${history ? ', history' : ''}: ${message_body.text}${files}`)
  const about = metadata?.note ?? metadata?.comment ?? metadata?.context?.summary
  const said = [metadata?.score && `${metadata.score} of 5`, about].filter(Boolean).join(', ')
  columns.line(name, `← ${got}${conversation_number ? ` (${conversation_number})` : ''}${said && `: ${said}`}`)
}

async function findService() {
  const file = join(process.env.TRACT_DATA_DIR || '.tract', 'demo.json')
  const found = existsSync(file) && JSON.parse(readFileSync(file, 'utf8'))
  const { ok } = found ? await fetch(`${found.url}/healthz`).catch(() => ({ ok: false })) : { ok: false }
  if (ok) return found
  console.error(
    `The demo needs a running TRACT, and ${found ? `none answers at ${found.url}, which ${file} names` : `there is no ${file}`}.\n` +
      'Start one with `npm start` in another terminal, then run this again. ' +
      'If it has a TRACT_DATA_DIR of its own, set the same one here.',
  )
  process.exit(1)
}
