import { randomUUID } from 'node:crypto'
import { adviceOn } from './advice.js'
import { type Check, type Endpoint, type Finding, failed, passed, skipped, warning } from './check.js'
import { type Exchange, objectOf, whyNotAcknowledged } from './endpoint-client.js'

const MESSAGE = 'message.receive'
const CREATE_USER = 'user_events.create_user'

const main = ({ events }: Endpoint) => (events.includes(MESSAGE) ? MESSAGE : (events[0] ?? MESSAGE))

function acknowledged(exchange: Exchange, advice: string, seen = `Acknowledged with ${exchange.status}.`): Finding {
  const why = whyNotAcknowledged(exchange)
  return why === null ? passed(seen) : failed(`Not acknowledged: ${why}.`, advice, exchange)
}

/** One delivery that has to be taken. */
function taking(
  name: string,
  about: string,
  advice: string,
  payload: (endpoint: Endpoint) => Record<string, unknown>,
): Check {
  return {
    name,
    about,
    run: async (endpoint) => {
      if (name.startsWith('message.') && !endpoint.events.includes(MESSAGE))
        return skipped(`The URL is not for ${MESSAGE} (--events).`)
      return acknowledged(await endpoint.client.call({ payload: payload(endpoint) }), advice)
    },
  }
}

export const acknowledges: Check = {
  name: 'acknowledges',
  about: 'a signed delivery is acknowledged within 5 seconds',
  run: async (endpoint) => {
    const exchange = await endpoint.client.call({ payload: endpoint.sample(main(endpoint), endpoint.newUser()) })
    const { status, duration_ms } = exchange
    if (status === 401 || status === 403)
      return failed(
        `It answered ${status}.`,
        'Configure the secret that the doctor signs with (--secret) as the hook’s, and verify over the raw body.',
        exchange,
      )
    const why = whyNotAcknowledged(exchange)
    if (why) return failed(`Not acknowledged: ${why}.`, adviceOn(exchange), exchange)
    if (duration_ms > 2_000)
      return warning(
        `It took ${duration_ms} ms.`,
        'TRACT waits 5 seconds: under load this may not do. Acknowledge first, and work afterwards.',
      )
    return passed(`Acknowledged with ${status} in ${duration_ms} ms.`)
  },
}

export const deliveryChecks: readonly Check[] = [
  {
    name: 'duplicate',
    about: 'the same delivery, sent again, is acknowledged again',
    run: async (endpoint) => {
      const delivery = { id: randomUUID(), payload: endpoint.sample(main(endpoint), endpoint.newUser()) }
      const first = await endpoint.client.call(delivery)
      const why = whyNotAcknowledged(first)
      if (why) return failed(`The first one was not acknowledged: ${why}.`, adviceOn(first), first)
      const advice =
        'Remember `webhook-id` and acknowledge a repetition without doing its work again: TRACT repeats what it does not know to have arrived.'
      return acknowledged(await endpoint.client.call({ ...delivery, attempt: 2 }), advice)
    },
  },
  taking(
    'fields.unknown',
    'fields that are not known are ignored',
    'Ignore fields that you do not know: payloads gain some over time.',
    (endpoint) => ({
      ...endpoint.sample(main(endpoint), endpoint.newUser()),
      new_field: { of: ['a', 'newer', 'contract'] },
    }),
  ),
  taking(
    'events.unknown',
    'an event that is not known is acknowledged',
    'Acknowledge events that you do not know: the catalogue grows, and what is refused is repeated.',
    (endpoint) => ({
      ...endpoint.sample('conversation_state.pinned', endpoint.newUser()),
      type: 'new_events',
      subtype: 'of_the_future',
    }),
  ),
  taking(
    'message.unknown_type',
    'a message of a type that is not known is acknowledged',
    'Acknowledge messages whose `type` you do not know, and show `toPlainText(message_body)`: new types appear over time.',
    (endpoint) => ({
      ...endpoint.sample(MESSAGE, endpoint.newUser()),
      message_body: { type: 'HOLOGRAM', data: { of: 'the future' } },
    }),
  ),
  taking(
    'message.long',
    'a message of 60 KiB is acknowledged',
    'Take bodies of up to 1.25 MiB: a message may have 64 KiB, and its JSON more.',
    (endpoint) => ({
      ...endpoint.sample(MESSAGE, endpoint.newUser()),
      message_body: { type: 'TEXT', text: 'नमस्ते '.repeat(3_200), data: { quick_replies: [] } },
    }),
  ),
  {
    name: 'gap',
    about: 'after a gap, which `tract-gap` tells of, the next delivery is acknowledged',
    run: async (endpoint) => {
      const user = endpoint.newUser()
      for (const sequence of [1, 5]) {
        const exchange = await endpoint.client.call({
          payload: endpoint.sample(main(endpoint), user),
          sequence,
          ...(sequence > 1 && { previousId: randomUUID(), gap: { from: 2, to: 4 } }),
        })
        const why = whyNotAcknowledged(exchange)
        if (why)
          return failed(
            `Delivery ${sequence} was not acknowledged: ${why}.`,
            'Go on after a gap: what is missing was given up, and does not come.',
            exchange,
          )
      }
      return passed('Acknowledged.')
    },
  },
  {
    name: 'create_user',
    about: 'create_user is answered with `success: true` and an `ect_user_id`, the same for a repetition',
    run: async (endpoint) => {
      if (!endpoint.events.includes(CREATE_USER)) return skipped(`The URL is not for ${CREATE_USER} (--events).`)
      const delivery = { id: randomUUID(), payload: endpoint.sample(CREATE_USER, endpoint.newUser()) }
      const first = await endpoint.client.call(delivery)
      const why = whyNotAcknowledged(first)
      if (why)
        return failed(`Not acknowledged: ${why}.`, 'Answer 200 with {"success": true, "ect_user_id": "…"}.', first)
      const { ect_user_id } = objectOf(first.answer ?? '') ?? {}
      if (ect_user_id === undefined)
        return warning(
          'The answer has no `ect_user_id`.',
          'If your tool has an id for the user or the case, answer it: it comes back with every later event.',
          first,
        )
      if (!isKept(ect_user_id))
        return failed(
          '`ect_user_id` is not a text of 1 to 128 characters, and is left out (`invalid_ect_user_id`).',
          'Answer the id as a text.',
          first,
        )
      const second = await endpoint.client.call({ ...delivery, attempt: 2 })
      const again = objectOf(second.answer ?? '')?.ect_user_id
      if (again !== ect_user_id)
        return failed(
          `A repetition was answered with ${JSON.stringify(again)} and not ${JSON.stringify(ect_user_id)}.`,
          'Answer a repetition with the answer of the first time: it may be the one that arrives.',
          second,
        )
      return passed(`Answered with the id ${ect_user_id}, twice.`)
    },
  },
]

export const parallel: Check = {
  name: 'parallel',
  about: 'many conversations at once are acknowledged in time, each in its order',
  run: inParallel,
}

/** As TRACT keeps it: a whole number is its decimal string. */
function isKept(id: unknown): boolean {
  if (typeof id === 'number') return Number.isInteger(id)
  return typeof id === 'string' && id !== '' && [...id].length <= 128 && id.isWellFormed() && !/\p{Cc}/u.test(id)
}

async function inParallel(endpoint: Endpoint): Promise<Finding> {
  const { client, conversations, messages, sample } = endpoint
  const exchanges: Exchange[] = []
  const began = performance.now()
  const converse = async () => {
    const user = endpoint.newUser()
    let previousId: string | undefined
    for (let sequence = 1; sequence <= messages; sequence++) {
      const id = randomUUID()
      const payload = { ...sample(main(endpoint), user), ...(main(endpoint) === MESSAGE && { message_id: sequence }) }
      const exchange = await client.call({ id, payload, sequence, ...(previousId !== undefined && { previousId }) })
      exchanges.push(exchange)
      // as TRACT: the next one only after the answer
      if (whyNotAcknowledged(exchange) !== null) return
      previousId = id
    }
  }
  await Promise.all(Array.from({ length: conversations }, converse))
  const refused = exchanges.filter((exchange) => whyNotAcknowledged(exchange) !== null)
  const [first] = refused
  if (first)
    return failed(
      `${refused.length} of ${conversations} conversations came to a halt: ${whyNotAcknowledged(first)}.`,
      `TRACT sends up to 32 deliveries at once, of as many users. ${adviceOn(first)}`,
      first,
    )
  const times = exchanges.map(({ duration_ms }) => duration_ms).sort((a, b) => a - b)
  const slowest = times[Math.floor(times.length * 0.95)] ?? 0
  const seen = `${exchanges.length} deliveries of ${conversations} users in ${Math.round(performance.now() - began)} ms; 95 % within ${slowest} ms.`
  if (slowest > 2_000)
    return warning(
      seen,
      'TRACT waits 5 seconds: under more load this may not do. Acknowledge first, and work afterwards.',
    )
  return passed(seen)
}
