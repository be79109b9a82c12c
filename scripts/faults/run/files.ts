import { createHash } from 'node:crypto'
import type { UploadedFile } from '../history/history.js'
import type { ListenerName } from '../plan/listeners.js'
import { Random } from '../random.js'
import type { Payload } from '../world/receiver.js'
import type { Calls } from './calls.js'

const PATH = '/tract/attachments/'
/** How often a listener that hears of a file fetches it. */
const FETCHED = 0.5

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** Message delivery uploads a file of random bytes. */
export async function upload(calls: Calls, key: string, size: number): Promise<UploadedFile> {
  const bytes = new Random(`${calls.seed}/${key}`).bytes(size)
  const { status, body } = await calls.organisation.callers.md.upload(PATH, bytes, key)
  if (status !== 200) throw new Error(`The upload ${key} was answered ${status} ${body.code}.`)
  const file = { id: body.id as string, sha256: hashOf(bytes), user: null, message: null }
  calls.seen.files.push(file)
  return file
}

/** A listener that hears of files for the first time fetches some of them. */
export function fetchSome(
  calls: Calls,
  listener: ListenerName,
  { user_id: user = '', attachments = [] }: Payload,
): void {
  for (const { id } of attachments) {
    if (!new Random(`${calls.seed}/fetch/${listener}/${id}`).chance(FETCHED)) continue
    calls.begin(async () => {
      const { status, body } = await calls.organisation.callers[listener].download(PATH + id)
      calls.seen.downloads.push({ id, user, listener, status, sha256: status === 200 ? hashOf(body) : null })
    })
  }
}
