/**
 * A bridge to an inbox of tickets over HTTP, one for each conversation, that loses nothing and doubles nothing, whatever is killed when.
 *
 * It keeps three files: the secrets of its hooks, what it handled, and its place among the inbox's events. All else has a key. A
 * ticket has that of its conversation, a line of it that of its message, and a call to TRACT that of the inbox's event which led to
 * it. What TRACT refuses for good, the agent reads in the ticket.
 */
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { ApiError, type MessageAgent, type ReceivedMessage, Tract, text } from '@tract/client'
import { ensureHooks, mediaOf, patiently } from '@tract/client/desk'
import { fileSecrets, fileStore, fileValue } from '@tract/client/node'
import { createHookReceiver, type HookHandlers, type HookName, toPlainText } from '@tract/client/webhooks'
import { account, port } from './setup.js'

const { DESK_DIR = '.', INBOX_URL = 'http://127.0.0.1:9100' } = process.env
const HEARTBEAT_MS = 30_000
/** TRACT takes 65,536 bytes: this number of characters fits in any script, with what JSON adds. */
const PART_CHARACTERS = 10_000

const tract = new Tract(account('desk'))
/** Up to which of the inbox's events all is done. */
const place = fileValue<number>(`${DESK_DIR}/inbox-place.json`)
const stopping = new AbortController()
const { signal } = stopping

interface Conversation {
  user_id: string
  conversation_number: string
}

/** What an agent did, or what the bridge wrote itself: then it has a key. */
interface InboxEvent {
  id: number
  type: 'message' | 'assigned' | 'closed' | 'returned'
  ticket: string
  ticket_key: string
  agent: MessageAgent
  key?: string
  text: string
  files: { id: string; name: string }[]
}

/** The inbox's API: what is made under a key that it knows is the one that there is. */
async function inbox(method: 'GET' | 'POST', path: string, content?: object | ReadableStream): Promise<Response> {
  const isFile = content instanceof ReadableStream
  const response = await fetch(INBOX_URL + path, {
    method,
    ...(content && { body: isFile ? content : JSON.stringify(content), duplex: 'half' }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return response
}

// From TRACT to the inbox. What throws is delivered again.

const keyOf = ({ user_id, conversation_number }: Conversation) => JSON.stringify([user_id, conversation_number])

async function openTicket(
  conversation: Conversation,
  fields: { subject?: string; note?: string } = {},
): Promise<string> {
  const opened = await inbox('POST', '/tickets', { key: keyOf(conversation), ...fields })
  return ((await opened.json()) as { id: string }).id
}

/** What was said before is read from TRACT: hooks bring some of it, and that of an offer which was declined belongs nowhere. */
async function takeOver(conversation: Conversation, { reason = '', summary = '' } = {}): Promise<void> {
  const { user_id, conversation_number } = conversation
  const { user_name = user_id, device_platform = '' } = await tract.users.get({ user_id })
  const ticket = await openTicket(conversation, { subject: `${user_name} ${device_platform} ${reason}`, note: summary })
  for await (const message of tract.messages.list({ user_id, conversation_number }))
    if (message.listener !== own.listener) await addLine(ticket, message)
}

type Said = Pick<ReceivedMessage, 'user_id' | 'message_id' | 'sender' | 'message_body' | 'agent' | 'attachments'>

async function addLine(ticket: string, { user_id, message_id, sender, agent, ...said }: Said): Promise<void> {
  const files: string[] = []
  for (const { id, name } of said.attachments ?? []) {
    const { body } = await tract.attachments.get(id)
    const kept = await inbox('POST', `/files?key=${id}&name=${encodeURIComponent(name)}`, body as ReadableStream)
    files.push(((await kept.json()) as { id: string }).id)
  }
  const media = mediaOf(said.message_body)
  const words = media ? `${media.kind}: ${media.url}` : toPlainText(said.message_body)
  const line = { key: `${message_id} ${user_id}`, author: agent?.name ?? sender, text: words, files }
  await inbox('POST', `/tickets/${ticket}/lines`, line)
}

async function leave(event: Conversation & { subtype: string }): Promise<void> {
  const note = `TRACT: ${event.subtype}`
  await inbox('POST', '/tickets/close', { key: keyOf(event), note })
}

const handlers: HookHandlers = {
  'thread_control.offered': async () => {
    const { status } = await statusOfInbox()
    return status === 'closed' ? { offer: 'declined', reason: 'The desk is closed.' } : { offer: 'accepted' }
  },
  'thread_control.assigned': (event) => takeOver(event, event.metadata?.context),
  'message.receive': async (message) => {
    // what others have in control, and history, are read once the ticket is taken over
    if (message.in_control && !message.history) await addLine(await openTicket(message), message)
  },
  'conversation_state.complete': leave,
  'thread_control.released': leave,
  'thread_control.taken': leave,
  'thread_control.returned': leave,
}

// From the inbox to TRACT: its events in order, each until it is done or refused for good.

async function follow(): Promise<void> {
  for (let last = (await place.load()) ?? 0; !signal.aborted; ) {
    const events = (await (await inbox('GET', `/events?after=${last}`)).json()) as InboxEvent[]
    for (const event of events) {
      await pass(event).catch(async (error) => {
        // a client that may not call is to be mended, and what waits stays
        if (!(error instanceof ApiError) || error.status === 401 || error.code === 'insufficient_scope') throw error
        await explain(event, error.message)
      })
      last = event.id
      await place.save(last)
    }
  }
}

async function pass(event: InboxEvent): Promise<void> {
  if (event.key !== undefined) return // an echo
  const [user_id, conversation_number] = JSON.parse(event.ticket_key)
  const tied: Conversation = { user_id, conversation_number }
  const key = { idempotencyKey: `inbox-${event.id}`, signal }
  switch (event.type) {
    case 'message':
      return say(event, tied)
    case 'assigned': {
      const allocated = { ...tied, type: 'aeu_events', subtype: 'allocated', metadata: { agent: event.agent } } as const
      return void (await patiently((call) => tract.events.send(allocated, call), key))
    }
    case 'closed': {
      const metadata = { reason: 'resolved', note: event.text }
      const complete = { ...tied, type: 'conversation_state', subtype: 'complete', metadata } as const
      return void (await patiently((call) => tract.events.send(complete, call), key))
    }
    case 'returned': {
      const back = { ...tied, context: { reason: 'returned', summary: event.text } }
      const outcome = await patiently((call) => tract.threads.passBack(back, call), key)
      if (!outcome.success) await explain(event, outcome.reason.message)
    }
  }
}

async function say({ id, agent, text: words, files }: InboxEvent, tied: Conversation): Promise<void> {
  const attachments: { id: string }[] = []
  for (const file of files) {
    const send = async (call: object) => {
      const { body } = await inbox('GET', `/files/${file.id}`)
      return tract.attachments.upload(body as ReadableStream, { name: file.name, ...call })
    }
    const kept = await patiently(send, { idempotencyKey: `inbox-${id}-file-${file.id}`, signal })
    attachments.push({ id: kept.id })
  }
  // a message has at least one character
  for (const [index, part] of partsOf(words || files.map(({ name }) => name).join(', ')).entries()) {
    const named = index === 0 && attachments.length > 0 && { attachments }
    const message = { ...tied, sender: 'aeu', message_body: text(part), agent, ...named } as const
    const key = { idempotencyKey: `inbox-${id}-part-${index}`, signal }
    await patiently((call) => tract.messages.send(message, call), key)
  }
}

/** The agent has to see that it was not said. */
async function explain({ id, ticket }: InboxEvent, why: string): Promise<void> {
  await inbox('POST', `/tickets/${ticket}/lines`, { key: `refused ${id}`, author: 'TRACT', text: why, files: [] })
}

function partsOf(words: string): string[] {
  const characters = [...words]
  const begins = Array.from(
    { length: Math.ceil(characters.length / PART_CHARACTERS) },
    (_, index) => index * PART_CHARACTERS,
  )
  return begins.map((begin) => characters.slice(begin, begin + PART_CHARACTERS).join(''))
}

// The process.

const statusOfInbox = async () =>
  (await (await inbox('GET', '/status')).json()) as { status: 'open' | 'busy' | 'closed'; waiting: number }

/** What is said lapses, so that a bridge which is down is not taken for one that is open. */
async function tellStatus(): Promise<void> {
  await tract.availability.set(
    { ...(await statusOfInbox()), valid_for_seconds: (4 * HEARTBEAT_MS) / 1_000 },
    { signal },
  )
  await delay(HEARTBEAT_MS, undefined, { signal })
}

async function again(work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await work().catch((error) => signal.aborted || console.log(`it is tried again: ${error.message}`))
    await delay(1_000, undefined, { signal }).catch(() => {})
  }
}

const store = await fileStore(`${DESK_DIR}/deliveries.log`) // refuses a second process
const own = await patiently((call) => tract.identity.whoami({}, call), { signal })
const secrets = await ensureHooks(tract, {
  url: `http://127.0.0.1:${port}`,
  hooks: Object.keys(handlers) as HookName[],
  secrets: fileSecrets(`${DESK_DIR}/hook-secrets.json`),
})
const receiver = createHookReceiver({ secrets, store, handlers, onError: (error) => console.log(`${error}`) })
const server = createServer(receiver.node).listen(port, '127.0.0.1', () => console.log('listening'))
const working = Promise.all([again(follow), again(tellStatus)])

process.once('SIGTERM', async () => {
  stopping.abort()
  await working
  server.close(() => void store.close())
})
