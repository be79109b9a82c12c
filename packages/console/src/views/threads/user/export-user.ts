/** All that is kept of a user, as one file: for a person who asks what is known of them. */
import { toJson } from '@tract/contract/json'
import { call } from '../../../api/call.js'

const PAGE = 100

interface Page<T, Cursor> {
  items: readonly T[]
  next: Cursor | undefined
}

async function whole<T, Cursor>(ask: (after: Cursor | undefined) => Promise<Page<T, Cursor>>): Promise<T[]> {
  const all: T[] = []
  let after: Cursor | undefined
  do {
    const { items, next } = await ask(after)
    all.push(...items)
    after = next
  } while (after !== undefined)
  return all
}

/** @param actFor a listener of the platform: only those see all of a user */
export async function exportUser(organisationId: string, userId: string, actFor: string): Promise<string> {
  const of = { user_id: userId, limit: PAGE }
  const user = await call('getUser', { body: { user_id: userId } }, { actFor })
  const conversations = await whole(async (after: string | undefined) => {
    const page = await call('listConversations', { body: { ...of, ...(after && { after }) } }, { actFor })
    return { items: page.conversations, next: page.next }
  })
  const messages = await whole(async (after: number | undefined) => {
    const page = await call('listMessages', { body: { ...of, ...(after !== undefined && { after }) } }, { actFor })
    return { items: page.messages, next: page.next }
  })
  const timeline = await whole(async (after: string | undefined) => {
    const query = { organisation_id: organisationId, ...of, ...(after && { after }) }
    const page = await call('listTimeline', { query })
    return { items: page.entries.filter(({ event }) => event), next: page.next }
  })
  const events = timeline.map(({ deliveries: _, ...entry }) => entry).reverse()
  return toJson({ exported_at: new Date().toISOString(), user, conversations, messages, events }, 2)
}
