import { SANDBOX_ORGANISATION_ID as organisationId } from '@tract/contract/sandbox'
import { sampleOf } from '../http/hook-samples.js'
import { addMessage } from '../messaging/accept-message.js'
import { tellUser } from '../messaging/tell-user.js'
import { finish, openSession, userKey } from '../messaging/thread-session.js'
import type { Transactions, Work } from '../messaging/work.js'
import { findDelivery } from '../store/deliveries.js'
import { enqueue } from '../store/lanes.js'
import type { Organisations } from '../store/organisations.js'
import { lockThreads, type UserKey } from '../store/threads.js'
import { eraseUser } from '../store/users.js'
import { KEPT_HOOK } from './examples.js'

const EXAMPLES_LOCK = 748_201_339
const DESK = 'desk'

interface ExampleUser {
  id: string
  /** Who is in control. */
  owner?: 'desk' | 'iva'
  ectUserId?: string
  /** What the desk has got, or what waits for it. */
  deliveries?: readonly string[]
  isWaiting?: boolean
}

/** A user for each example that ends or moves something, so that none of them takes anything from another. */
const USERS: readonly ExampleUser[] = [
  { id: '8812', owner: 'desk', ectUserId: 'case-1024' },
  { id: '8813', owner: 'desk' },
  { id: '8814', owner: 'desk' },
  { id: '8815', owner: 'desk' },
  { id: '8816', owner: 'iva' },
  { id: '8817', deliveries: ['01f20c6e-7b11-7d00-8a44-5f6071829305'], isWaiting: true },
  { id: '8818' },
  { id: '8819', deliveries: ['01f20c6e-7b11-7d00-8a44-5f6071829306'], isWaiting: true },
  // ids that are young for long, since history is pruned by them
  { id: '8820', deliveries: ['01f20c6e-7b11-7d00-8a44-5f6071829303', '01f20c6e-7b11-7d00-8a44-5f6071829304'] },
]

const ASHA = {
  third_party_user_id: '+919820098200',
  user_name: 'Asha Rao',
  device_platform: 'WhatsApp',
  details: { email: 'asha@example.com', plan: 'prepaid' },
}

/** Makes the users that the examples name, and anew those that are not as they were. Needs the desk's hooks: without them nobody can be passed to it. */
export async function makeExampleUsers(transactions: Transactions, organisations: Organisations): Promise<void> {
  await transactions.run(async (work) => {
    await work.client.query({ text: 'select pg_advisory_xact_lock($1)', values: [EXAMPLES_LOCK] })
    for (const user of USERS) await make(work, organisations, user)
  })
}

async function make(work: Work, organisations: Organisations, user: ExampleUser): Promise<void> {
  const key = userKey(organisationId, user.id)
  const [found] = await lockThreads(work.client, [key])
  if (found && (await isAsWanted(work, user, found.thread.owner))) return
  if (found) await eraseUser(work.client, key)
  await tellUser(work, key, ASHA, '')
  if (user.owner) await converse(work, organisations, key, user)
  if (user.deliveries) await deliver(work, key, user)
}

async function isAsWanted(work: Work, { owner, deliveries = [], isWaiting }: ExampleUser, actual: string | null) {
  if (owner && owner !== actual) return false
  for (const id of deliveries) {
    const delivery = await findDelivery(work.client, { organisationId, listener: DESK, id })
    if (!delivery || (isWaiting && delivery.state !== 'pending')) return false
  }
  return true
}

async function converse(work: Work, organisations: Organisations, key: UserKey, { owner, ectUserId }: ExampleUser) {
  const session = await openSession(work, organisations, key)
  const body = { text: 'My bill is wrong', type: 'TEXT', data: { quick_replies: [] } }
  const delivery = { organisationId, listener: 'message_delivery' }
  await addMessage(session, delivery, { userId: key.userId, sender: 'ceu', body, metadata: null })
  if (ectUserId) session.learnEctUserId(DESK, ectUserId)
  if (owner && session.thread.owner !== owner) {
    const decision = await session.command({ kind: 'pass', requester: 'iva', receiver: owner })
    if (!decision.ok) throw new Error(decision.refusal.message)
  }
  await finish(work, session)
}

async function deliver(work: Work, key: UserKey, { deliveries = [], isWaiting }: ExampleUser) {
  const { category, subcategory } = isWaiting ? KEPT_HOOK : { category: 'message', subcategory: 'receive' }
  const body = JSON.stringify({ ...JSON.parse(sampleOf(category, subcategory)), user_id: key.userId })
  const items = deliveries.map((id) => ({ id, listener: DESK, category, subcategory, body }))
  await enqueue(work.client, work.now, [{ ...key, items }])
  work.touched.add(key.bucket)
}
