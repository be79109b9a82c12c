/** The bytes of a message's file, fetched in the name of a listener that may have it, and kept for a while as an address of this page. */
import type { Attachment, TimelineEntry } from '@tract/contract'
import { refusalOf } from '../api/call.js'
import { CallError } from '../api/call-error.js'
import { calls } from '../generated/calls.js'

/** As many as are seen while one scrolls. */
const MOST_KEPT = 60
const kept = new Map<string, Promise<string>>()

/** Who may have the files of an entry: its author, and the listeners that heard it. */
export const holdersOf = ({ listener, deliveries }: TimelineEntry): string[] => [
  ...new Set([
    ...(listener === undefined ? [] : [listener]),
    ...deliveries.filter(({ state }) => state === 'delivered').map((delivery) => delivery.listener),
  ]),
]

/**
 * @returns an address of this page (`blob:`)
 * @throws {CallError} `attachment_not_found` where it has gone
 */
export function fileAddress({ id }: Attachment, organisationId: string, holders: readonly string[]): Promise<string> {
  const key = `${organisationId}/${id}`
  const known = kept.get(key)
  kept.delete(key)
  const found = known ?? fetchFile(id, organisationId, holders).then((blob) => URL.createObjectURL(blob))
  kept.set(key, found)
  // what could not be had is asked for again
  if (!known) found.catch(() => kept.delete(key))
  const [oldest] = kept
  if (kept.size > MOST_KEPT && oldest) {
    kept.delete(oldest[0])
    oldest[1].then(URL.revokeObjectURL, () => {})
  }
  return found
}

/** A listener that was disabled since then is passed over. */
async function fetchFile(id: string, organisationId: string, holders: readonly string[]): Promise<Blob> {
  const path = calls.getAttachment[1].replace('{id}', encodeURIComponent(id))
  let refused = new CallError('No listener that heard the message is there to fetch its file for.', 'acting_refused', 0)
  for (const holder of holders) {
    const headers = { 'tract-act-for': `${organisationId}/${holder}` }
    const answer = await fetch(path, { headers, credentials: 'same-origin' }).catch(() => {
      throw new CallError('The service cannot be reached.', 'unreachable', 0)
    })
    if (answer.ok) return answer.blob()
    refused = await refusalOf(answer)
    if (refused.code !== 'acting_refused') break
  }
  throw refused
}
