/** What a desk is sent beside messages: an offer of control, and files. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { TractError, type UploadedAttachment } from '@tract/client'
import { adviceOn } from './advice.js'
import { type Check, type Endpoint, type Finding, failed, passed, skipped } from './check.js'
import { type Exchange, objectOf, whyNotAcknowledged } from './endpoint-client.js'

const MESSAGE = 'message.receive'
const OFFERED = 'thread_control.offered'
const OFFER_SECONDS = 60
/** More than one piece of a stream, and nothing to wait for. */
const FILE_BYTES = 100_000

const notFor = (event: string) => skipped(`The URL is not for ${event} (--events).`)

export const deskChecks: readonly Check[] = [
  {
    name: 'offer',
    about: 'an offer of control is acknowledged, and answered the same way when it is repeated',
    run: async (endpoint) => {
      if (!endpoint.events.includes(OFFERED)) return notFor(OFFERED)
      const delivery = { id: randomUUID(), payload: offerTo(endpoint) }
      const first = await endpoint.client.call(delivery)
      const why = whyNotAcknowledged(first)
      if (why) return failed(`Not acknowledged: ${why}.`, adviceOn(first), first)
      const { offer } = objectOf(first.answer ?? '') ?? {}
      if (offer === undefined)
        return passed('Acknowledged: accept or decline it with an event, `thread_control/accepted` or `declined`.')
      if (offer !== 'accepted' && offer !== 'declined')
        return failed(
          `Its answer has the \`offer\` ${JSON.stringify(offer)}, which says nothing: the offer expires.`,
          'Answer {"offer": "accepted"} or {"offer": "declined", "reason": "…"}, or leave `offer` out and send an event later.',
          first,
        )
      const second = await endpoint.client.call({ ...delivery, attempt: 2 })
      const again = objectOf(second.answer ?? '')?.offer
      if (again === offer) return passed(`${offer === 'accepted' ? 'Accepted' : 'Declined'}, twice.`)
      return failed(
        `A repetition was answered with ${JSON.stringify(again)} and not ${JSON.stringify(offer)}.`,
        'Answer a repetition with the answer of the first time: it may be the one that arrives.',
        second,
      )
    },
  },
  {
    name: 'message.attachment',
    about: 'a message with a file is acknowledged',
    run: async (endpoint) => {
      if (!endpoint.events.includes(MESSAGE)) return notFor(MESSAGE)
      const attachments = [{ ...sampleFile(), url: 'https://tract.example.com/tract/attachments/unknown' }]
      return taken(await endpoint.client.call({ payload: messageWith(endpoint, attachments) }))
    },
  },
  {
    name: 'files',
    about: 'a file is uploaded, the message that names it is acknowledged, and the file is there byte for byte',
    run: async (endpoint) => {
      if (!endpoint.files) return skipped('It needs a file in TRACT: --files uploads one with your profile.')
      if (!endpoint.events.includes(MESSAGE)) return notFor(MESSAGE)
      return roundTrip(endpoint, endpoint.files)
    },
  },
]

const WITHOUT_FILE =
  'Acknowledge a message whose file you cannot fetch, or have not yet: show its name, and fetch it afterwards with `attachments.get`.'

function taken(exchange: Exchange): Finding {
  const why = whyNotAcknowledged(exchange)
  if (why === null) return passed(`Acknowledged with ${exchange.status}.`)
  return failed(
    `Not acknowledged: ${why}.`,
    exchange.status === undefined ? adviceOn(exchange) : WITHOUT_FILE,
    exchange,
  )
}

function offerTo(endpoint: Endpoint): Record<string, unknown> {
  const metadata = {
    ...{ from: 'iva', to: 'desk', offer_number: 1, epoch: 1 },
    expires_at: new Date(Date.now() + OFFER_SECONDS * 1_000).toISOString(),
    context: { reason: 'tract_doctor', summary: 'A sample of `tract doctor`.' },
  }
  return { ...endpoint.sample(OFFERED, endpoint.newUser()), metadata: JSON.stringify(metadata) }
}

const messageWith = (endpoint: Endpoint, attachments: readonly object[]) => ({
  ...endpoint.sample(MESSAGE, endpoint.newUser()),
  attachments,
})

function sampleFile() {
  const content = randomBytes(FILE_BYTES)
  const id = randomUUID()
  const sha256 = createHash('sha256').update(content).digest('hex')
  return { id, name: 'tract-doctor.bin', content_type: 'application/octet-stream', size: FILE_BYTES, sha256 }
}

async function roundTrip(endpoint: Endpoint, files: NonNullable<Endpoint['files']>): Promise<Finding> {
  const content = randomBytes(FILE_BYTES)
  let kept: UploadedAttachment
  try {
    kept = await files.upload(content, 'tract-doctor.bin')
  } catch (error) {
    return ofTract('The upload failed', error)
  }
  const exchange = await endpoint.client.call({ payload: messageWith(endpoint, [kept]) })
  const notTaken = taken(exchange)
  if (notTaken.verdict === 'failed') return notTaken
  try {
    const found = await files.download(kept.id)
    if (!found.equals(content))
      return failed(
        `Downloaded were ${found.length} bytes, which are not the ${FILE_BYTES} that were uploaded.`,
        'Look for a proxy between here and TRACT that changes or cuts what passes.',
      )
  } catch (error) {
    return ofTract('The download failed', error)
  }
  return passed(`${FILE_BYTES} bytes were uploaded, told of, and downloaded as they were.`)
}

/** The service, and not the endpoint, is in question. */
function ofTract(what: string, error: unknown): Finding {
  if (!(error instanceof TractError)) throw error
  const { code, message } = error as TractError & { code?: string }
  const advice: Readonly<Record<string, string>> = {
    insufficient_scope: 'Give the client of the profile the scope messages:write, or name another with --profile.',
    storage_full: 'Make room where TRACT keeps its files, or tell who runs it.',
  }
  return failed(
    `${what}: ${message}`,
    advice[code ?? ''] ?? 'See that `tract whoami` works with this profile: your endpoint has no part in this.',
  )
}
