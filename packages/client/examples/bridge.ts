/**
 * A bridge to an inbox of tickets over HTTP, one for each conversation, that loses nothing and doubles nothing, whatever is killed when.
 *
 * What comes from TRACT is in `arrivals` before it is acknowledged, what comes from the inbox in `outbox` before its place is kept; both are worked off in
 * order for each user. What is done again has the same key, or its parts are known. What TRACT refuses for good, the agent reads in the ticket.
 */
import { createServer } from 'node:http'
import { type Message, type MessageAgent, type ReceivedMessage, Tract } from '@tract/client'
import {
  ensureHooks,
  isRefusal,
  mediaOf,
  messageParts,
  patiently,
  repeatedly,
  splitText,
  type TextPart,
  writeParts,
} from '@tract/client/desk'
import {
  type FileInboxOptions,
  fileInbox,
  fileMap,
  fileQueue,
  fileSecrets,
  fileValue,
  type InboxHandlers,
  type QueueCall,
} from '@tract/client/node'
import { createHookReceiver, type HookHandlers, toPlainText } from '@tract/client/webhooks'
import { account, port } from './setup.js'

const { DESK_DIR = '.', INBOX_URL = 'http://127.0.0.1:9100' } = process.env
const HEARTBEAT_MS = 30_000

const tract = new Tract(account('desk'))
const stopping = new AbortController()
const { signal } = stopping

type Conversation = { user_id: string; conversation_number: string }

/** What an agent did, or what the bridge wrote itself: then it has a key. A line that is said again says something else, or nothing. */
interface InboxEvent {
  id: number
  type: 'message' | 'assigned' | 'closed' | 'returned'
  ticket: string
  ticket_key: string
  agent: MessageAgent
  key?: string
  line: string
  text: string
  files: { id: string; name: string }[]
}

/** The inbox's API: what is made under a key that it knows is the one that there is, with what that says. */
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

async function made(path: string, content: object | ReadableStream): Promise<{ id: string; text?: string }> {
  return (await inbox('POST', path, content)).json() as Promise<{ id: string; text?: string }>
}

// From TRACT to the inbox. What throws is tried again.

const keyOf = (user_id: string, id: unknown) => JSON.stringify([user_id, id])
const caseOf = ({ user_id, conversation_number }: Conversation) => keyOf(user_id, conversation_number)

/** What was said before is read from TRACT: hooks bring some of it, and that of an offer which was declined belongs nowhere. */
async function takeOver(conversation: Conversation, { reason = '', summary = '' }, call: QueueCall): Promise<void> {
  const { user_id, conversation_number } = conversation
  const { user_name = user_id, device_platform = '' } = await tract.users.get({ user_id }, call)
  const subject = `${user_name} ${device_platform} ${reason}`
  const { id } = await made('/tickets', { key: caseOf(conversation), subject, note: summary })
  for await (const message of tract.messages.list({ user_id, conversation_number }, call))
    if (message.listener !== own.listener) await write(id, message, call)
}

// region write
/** What was read from TRACT says when it was changed, and may be ahead of the hooks. */
type Said = Partial<Omit<ReceivedMessage, 'user_id'> & Pick<Message, 'edited_at' | 'deleted_at'>>

async function write(ticket: string, said: Said & { user_id: string }, call: QueueCall): Promise<void> {
  const id = keyOf(said.user_id, said.message_id)
  const before = lines.get(id)?.parts ?? []
  const files: string[] = []
  for (const { id: file, name } of before.length === 0 ? (said.attachments ?? []) : []) {
    const { body } = (await tract.attachments.get(file, call).catch(ignoreRefusal)) ?? {} // it may be deleted by now
    if (body) files.push((await made(`/files?${new URLSearchParams({ key: file, name })}`, body as ReadableStream)).id)
  }
  const media = mediaOf(said.message_body)
  const words = media ? `${media.kind}: ${media.url}` : said.deleted_at ? '' : toPlainText(said.message_body)
  // a line that was made right before a crash may say what was edited or deleted since
  const parts = await writeParts(before, words === '' ? [''] : splitText(words, { characters: 4_000 }), {
    async add(part, index) {
      const line = { author: said.agent?.name ?? said.sender, text: part, files: index === 0 ? files : [] }
      const there = await made(`/tickets/${ticket}/lines`, { key: `${call.idempotencyKey} ${id} ${index}`, ...line })
      if (there.text !== part) await inbox('POST', `/lines/${there.id}`, { text: part })
      return there.id
    },
    edit: (line, part) => inbox('POST', `/lines/${line.id}`, { text: part }),
    remove: (line) => inbox('POST', `/lines/${line.id}`, { text: '' }),
  })
  await lines.set(id, { ticket, parts, changedAt: said.deleted_at ?? said.edited_at })
}
// endregion

const ignoreRefusal = (error: unknown) => (isRefusal(error) ? undefined : Promise.reject(error))

/** An edit says something else, a deletion nothing. */
async function change(user_id: string, at = '', said: Said = {}, call: QueueCall): Promise<void> {
  const line = lines.get(keyOf(user_id, said.message_id))
  const isOlder = Date.parse(at) < Date.parse(line?.changedAt ?? '')
  if (line && !isOlder) await write(line.ticket, { user_id, ...said }, call)
}

async function leave(event: Conversation & { subtype: string }): Promise<void> {
  await inbox('POST', '/tickets/close', { key: caseOf(event), note: `TRACT: ${event.subtype}` })
}

/** Stored, acknowledged, and then handled, in order for each user. */
const stored: InboxHandlers = {
  'thread_control.assigned': (event, _, call) => takeOver(event, event.metadata?.context ?? {}, call),
  'message.receive': async (message, _, call) => {
    // what others have in control, and history, are read once the ticket is taken over; what was read then may have been changed since
    if (message.in_control && !message.history && !lines.get(keyOf(message.user_id, message.message_id)))
      await write((await made('/tickets', { key: caseOf(message) })).id, message, call)
  },
  'message.edited': ({ user_id, timestamp, metadata }, _, call) => change(user_id, timestamp, metadata, call),
  'message.deleted': ({ user_id, timestamp, metadata }, _, call) => change(user_id, timestamp, metadata, call),
  'conversation_state.complete': leave,
  'thread_control.released': leave,
  'thread_control.taken': leave,
  'thread_control.returned': leave,
  'user_events.erase_user': async ({ user_id }) => {
    await inbox('POST', '/tickets/erase', { user_id }) // it says no more of the user, and what it said is in the outbox by then
    await round.catch(() => {})
    await outbox.remove(user_id)
    for (const kept of [lines, messages]) await kept.delete((key: string) => JSON.parse(key)[0] === user_id)
  },
}

/** An offer is answered by its hook, and does not wait for an inbox that is away. */
const offered: HookHandlers['thread_control.offered'] = async () => {
  const { status } = await statusOfInbox().catch(() => ({ status: 'closed' }))
  return status === 'closed' ? { offer: 'declined', reason: 'The desk is closed.' } : { offer: 'accepted' }
}

// From the inbox to TRACT.

// region follow
/** What comes again, since a crash came before its place was kept, has a key that the outbox knows. */
async function follow(): Promise<void> {
  const events = (await (await inbox('GET', `/events?after=${(await place.load()) ?? 0}`)).json()) as InboxEvent[]
  for (const event of events) {
    if (event.key !== undefined) continue // an echo
    await outbox.add({ lane: JSON.parse(event.ticket_key)[0], key: `inbox-${event.id}`, item: event })
  }
  const read = events.at(-1)
  if (read) await place.save(read.id)
}
// endregion

async function pass(event: InboxEvent, call: QueueCall): Promise<void> {
  const [user_id, conversation_number] = JSON.parse(event.ticket_key)
  const tied: Conversation = { user_id, conversation_number }
  const { type, agent, text: note } = event
  if (type === 'message') await say(event, tied, call)
  if (type === 'assigned')
    await tract.events.send({ ...tied, type: 'aeu_events', subtype: 'allocated', metadata: { agent } }, call)
  const outcome = { reason: 'resolved', note }
  if (type === 'closed')
    await tract.events.send({ ...tied, type: 'conversation_state', subtype: 'complete', metadata: outcome }, call)
  if (type !== 'returned') return
  const back = await tract.threads.passBack({ ...tied, context: { reason: 'returned', summary: note } }, call)
  if (!back.success) await explain(back.reason, event)
}

// region say
async function say({ line, agent, text, files }: InboxEvent, tied: Conversation, call: QueueCall): Promise<void> {
  const attachments: { id: string }[] = []
  for (const { id, name } of files) {
    const { body } = await inbox('GET', `/files/${id}`)
    const key = { idempotencyKey: `${call.idempotencyKey}-${id}` }
    const kept = await tract.attachments.upload(body as ReadableStream, { name, ...call, ...key })
    attachments.push({ id: kept.id })
  }
  // a message has at least one character
  const parts = splitText(text || files.map(({ name }) => name).join(', '))
  const message = { ...tied, sender: 'aeu', agent, ...(files.length > 0 && { attachments }) } as const
  const key = keyOf(tied.user_id, line)
  await messages.set(key, await writeParts(messages.get(key) ?? [], parts, messageParts(tract, message, call)))
}
// endregion

/** The agent has to see that it was not said. */
async function explain(why: unknown, { id, ticket }: InboxEvent): Promise<void> {
  const line = { key: `refused ${id}`, author: 'TRACT', text: (why as Error).message, files: [] }
  await inbox('POST', `/tickets/${ticket}/lines`, line)
}

// The process.

const statusOfInbox = async () =>
  (await (await inbox('GET', '/status')).json()) as { status: 'open' | 'busy' | 'closed'; waiting: number }

/** What is said lapses, so that a bridge which is down is not taken for one that is open. */
async function tellStatus(): Promise<void> {
  const status = await statusOfInbox()
  await tract.availability.set({ ...status, valid_for_seconds: (4 * HEARTBEAT_MS) / 1_000 }, { signal })
}

// region kept
let round: Promise<unknown> = Promise.resolve() // of following the inbox
const own = await patiently((call) => tract.identity.whoami({}, call), { signal })
/** The lines of a message of TRACT, by its user and number; the messages of an agent's line; and how far the inbox's events are in the outbox. */
type Lines = { ticket: string; parts: TextPart<string>[]; changedAt: string | undefined }
const lines = await fileMap<Lines>(`${DESK_DIR}/lines.log`, { limit: 100_000 })
const messages = await fileMap<TextPart<number>[]>(`${DESK_DIR}/messages.log`, { limit: 100_000 })
const place = fileValue<number>(`${DESK_DIR}/inbox-place.json`)
const outbox = await fileQueue<InboxEvent>(`${DESK_DIR}/outbox.log`, { work: pass, onRefused: explain })
const onRefused: FileInboxOptions['onRefused'] = (error, { name }) => console.log(`${name} came to nothing: ${error}`)
const arrivals = await fileInbox(`${DESK_DIR}/arrivals.log`, { handlers: stored, onRefused })
const handlers = { ...arrivals.handlers, 'thread_control.offered': offered }
const secrets = await ensureHooks(tract, {
  url: `http://127.0.0.1:${port}`,
  hooks: handlers,
  secrets: fileSecrets(`${DESK_DIR}/hook-secrets.json`),
})
const receiver = createHookReceiver({ secrets, handlers, onError: (error) => console.log(`${error}`) })
const server = createServer(receiver.node).listen(port, '127.0.0.1', () => console.log('listening'))
const logged = (error: unknown) => console.log(`it is tried again: ${error}`)
const following = repeatedly(() => (round = follow()), { everyMs: 100, signal, onFailure: logged })
const telling = repeatedly(tellStatus, { everyMs: HEARTBEAT_MS, signal, onFailure: logged })
await patiently((call) => tract.deliveries.retryMany({}, call), { signal }) // what failed while the bridge was down
// endregion

process.once('SIGTERM', async () => {
  stopping.abort()
  await Promise.all([following, telling])
  server.close()
  for (const kept of [arrivals, outbox, lines, messages]) await kept.close()
})
