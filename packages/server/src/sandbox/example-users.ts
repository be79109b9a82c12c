import { SANDBOX_ORGANISATION_ID as organisationId } from '@tract/contract/sandbox'
import { addMessage } from '../accept/accept-message.js'
import { enqueue, type UserItems } from '../accept/enqueue.js'
import { finish, openSessions } from '../accept/sessions.js'
import { lockThreads } from '../accept/threads.js'
import { eraseUser, tellUser } from '../accept/users.js'
import type { Work } from '../accept/work.js'
import type { Organisations } from '../accounts/organisations.js'
import { sampleOf } from '../api/hook-samples.js'
import type { ServiceClient } from '../database/connections.js'
import { transactionOn } from '../database/database.js'
import { whileLocked } from '../database/locks.js'
import { overSlices, type Sliced } from '../database/slices.js'
import { findDelivery } from '../lanes/deliveries.js'
import { type UserKey, userKey } from '../lanes/user-key.js'
import { KEPT_HOOK } from './examples.js'

const EXAMPLES_LOCK = 748_201_339
const DESK = 'desk'

interface ExampleUser {
  id: string
  /** The user's name, where it is not Asha's: it says at once in a list what the user is there for. */
  name?: string
  /** Who is in control. */
  owner?: 'desk' | 'iva'
  ectUserId?: string
  /** What the desk has got, or what waits for it. */
  deliveries?: readonly string[]
  isWaiting?: boolean
  /** The owner has said something. */
  isAnswered?: boolean
}

/** A user for each example that ends or moves something, so that none of them takes anything from another. */
const USERS: readonly ExampleUser[] = [
  { id: '8812', owner: 'desk', ectUserId: 'case-1024' },
  { id: '8813', name: 'Example: a conversation to complete', owner: 'desk' },
  { id: '8814', name: 'Example: a conversation to complete and rate', owner: 'desk' },
  { id: '8815', name: 'Example: control to pass on', owner: 'desk' },
  { id: '8816', name: 'Example: control to ask for', owner: 'iva' },
  {
    id: '8817',
    name: 'Example: a delivery that waits to be retried',
    deliveries: ['01f20c6e-7b11-7d00-8a44-5f6071829305'],
    isWaiting: true,
  },
  { id: '8818', name: 'Example: a user to erase' },
  {
    id: '8819',
    name: 'Example: a delivery that waits to be skipped',
    deliveries: ['01f20c6e-7b11-7d00-8a44-5f6071829306'],
    isWaiting: true,
  },
  { id: '8821', name: 'Example: control to pass with a context', owner: 'desk' },
  { id: '8822', name: 'Example: control to pass back or offer', owner: 'desk' },
  { id: '8823', name: 'Example: a message to edit', owner: 'desk', isAnswered: true },
  { id: '8824', name: 'Example: a message to take back', owner: 'desk', isAnswered: true },
  // ids that are young for long, since history is pruned by them
  {
    id: '8820',
    name: 'Example: deliveries to replay',
    deliveries: ['01f20c6e-7b11-7d00-8a44-5f6071829303', '01f20c6e-7b11-7d00-8a44-5f6071829304'],
  },
]

const ASHA = {
  third_party_user_id: '+919820098200',
  user_name: 'Asha Rao',
  device_platform: 'WhatsApp',
  details: { email: 'asha@example.com', plan: 'prepaid' },
}

/** Makes the users that the examples name, or makes them again where they have changed. Needs the desk's hooks. */
export async function makeExampleUsers(
  connection: ServiceClient,
  paths: Sliced<string | null>,
  organisations: Organisations,
): Promise<void> {
  const users = USERS.map((user) => ({ ...user, bucket: keyOf(user.id).bucket }))
  const made = { now: new Date(), traceparent: null, touched: new Set<number>(), saidOn: [] }
  await whileLocked(connection, EXAMPLES_LOCK, () =>
    transactionOn(connection, (whole) =>
      overSlices(whole, paths, async (slices) => {
        for (const [client, ofSlice] of slices.group(users)) await make({ client, ...made }, ofSlice, organisations)
      }),
    ),
  )
}

async function make(work: Work, wanted: readonly ExampleUser[], organisations: Organisations): Promise<void> {
  const found = await lockThreads(
    work.client,
    wanted.map(({ id }) => keyOf(id)),
  )
  const missing: ExampleUser[] = []
  for (const user of wanted) {
    const known = found.find(({ key }) => key.userId === user.id)
    if (known && (await isAsWanted(work, user, known.thread.owner))) continue
    if (known) await eraseUser(work.client, keyOf(user.id))
    // examples name conversation 1, also where the user was erased
    await tellUser(work, keyOf(user.id), { ...ASHA, ...(user.name && { user_name: user.name }) }, '', null)
    missing.push(user)
  }
  await converse(work, organisations, missing)
  const users = missing.map(itemsOf).filter(({ items }) => items.length > 0)
  await enqueue(work.client, work.now, users)
}

const keyOf = (id: string): UserKey => userKey(organisationId, id)

async function isAsWanted(work: Work, { owner, deliveries = [], isWaiting }: ExampleUser, actual: string | null) {
  if (owner && owner !== actual) return false
  for (const id of deliveries) {
    const delivery = await findDelivery(work.client, { organisationId, listener: DESK, id })
    if (!delivery || (isWaiting && delivery.state !== 'pending')) return false
  }
  return true
}

const ANSWER = {
  sender: 'aeu',
  body: { text: 'The bill is corrected on Thursday', type: 'TEXT', data: { quick_replies: [] } },
  metadata: null,
} as const

/** What was said with the users of threads that are owned. */
async function converse(work: Work, organisations: Organisations, users: readonly ExampleUser[]): Promise<void> {
  const owned = users.filter(({ owner }) => owner !== undefined)
  const sessions = await openSessions(
    work,
    organisations,
    owned.map(({ id }) => keyOf(id)),
  )
  const body = { text: 'My bill is wrong', type: 'TEXT', data: { quick_replies: [] } }
  const delivery = { organisationId, listener: 'message_delivery' }
  for (const session of sessions) {
    const { userId } = session.key
    const { owner, ectUserId, isAnswered } = owned.find(({ id }) => id === userId) as ExampleUser
    await addMessage(session, delivery, { userId, sender: 'ceu', body, metadata: null })
    if (ectUserId) session.outbox.learned.set(DESK, ectUserId)
    if (owner === undefined || session.thread.owner === owner) continue
    const decision = await session.command({ kind: 'pass', requester: 'iva', receiver: owner, whenClosed: 'wait' })
    if (!decision.ok) throw new Error(decision.refusal.message)
    if (isAnswered) await addMessage(session, { organisationId, listener: owner }, { userId, ...ANSWER })
  }
  await finish(work, ...sessions)
}

function itemsOf({ id: userId, deliveries = [], isWaiting }: ExampleUser): UserItems {
  const { category, subcategory } = isWaiting ? KEPT_HOOK : { category: 'message', subcategory: 'receive' }
  const body = JSON.stringify({ ...JSON.parse(sampleOf(category, subcategory)), user_id: userId })
  return { ...keyOf(userId), items: deliveries.map((id) => ({ id, listener: DESK, category, subcategory, body })) }
}
