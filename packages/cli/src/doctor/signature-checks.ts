import { type Check, type Endpoint, type Finding, failed, passed, warning } from './check.js'
import { type Call, type Exchange, whyNotAcknowledged } from './endpoint-client.js'

const TOLERANCE_SECONDS = 300

const IN_TIME = `Refuse a \`webhook-timestamp\` more than ${TOLERANCE_SECONDS} seconds from now, in either direction.`
const VERIFY =
  'Verify before anything else: HMAC-SHA256 over `webhook-id.webhook-timestamp.body` of the raw body, after Standard Webhooks; `createHookReceiver` of @tract/client/webhooks does. Refuse with 401.'

/** A request that did not come from TRACT, and must not be taken for one of its. */
function refusing(
  name: string,
  about: string,
  call: (endpoint: Endpoint) => Omit<Call, 'payload'>,
  advice: string,
): Check {
  return {
    name,
    about,
    run: async (endpoint) => {
      const [event = 'message.receive'] = endpoint.events
      const payload = endpoint.sample(event, endpoint.newUser())
      return refusal(await endpoint.client.call({ payload, ...call(endpoint) }), advice)
    },
  }
}

function refusal(exchange: Exchange, advice: string): Finding {
  const { status, error } = exchange
  if (status === undefined)
    return failed(`No answer came: ${error}.`, 'Answer, with 401: TRACT tries again what gets no answer.', exchange)
  if (whyNotAcknowledged(exchange) === null) return failed(`It was taken: ${status}.`, advice, exchange)
  if (status === 401 || status === 403 || status === 400) return passed(`Refused with ${status}.`)
  if (status >= 500)
    return warning(
      `It was not taken, with ${status}.`,
      'Answer 401: a 5xx says that your endpoint is broken, where it is whoever called that is wrong.',
      exchange,
    )
  return warning(
    `It was not taken, with ${status}.`,
    'Answer 401, so that the reason is plain in `tract deliveries get`.',
    exchange,
  )
}

export const signatureChecks: readonly Check[] = [
  refusing(
    'signature.wrong',
    'a delivery signed with another secret is refused',
    ({ wrongSecret }) => ({ secrets: [wrongSecret] }),
    VERIFY,
  ),
  refusing(
    'signature.missing',
    'a delivery without a signature is refused',
    () => ({ headers: { 'webhook-signature': null } }),
    VERIFY,
  ),
  refusing(
    'signature.garbled',
    'a signature that is none is refused',
    () => ({ headers: { 'webhook-signature': 'v1,not-a-signature v2' } }),
    VERIFY,
  ),
  refusing(
    'signature.body',
    'a body that was changed after it was signed is refused',
    () => ({ tamper: (body) => body.replace('{', '{"tampered":true,') }),
    `${VERIFY} Sign the bytes as they came, not JSON that was parsed and written again.`,
  ),
  refusing(
    'signature.id',
    'a delivery whose id was changed is refused',
    () => ({ headers: { 'webhook-id': 'another-delivery' } }),
    VERIFY,
  ),
  refusing(
    'timestamp.old',
    'a delivery of ten minutes ago is refused, as one that somebody recorded and plays again',
    () => ({ age: 2 * TOLERANCE_SECONDS }),
    IN_TIME,
  ),
  refusing(
    'timestamp.future',
    'a delivery of ten minutes from now is refused',
    () => ({ age: -2 * TOLERANCE_SECONDS }),
    IN_TIME,
  ),
  {
    name: 'signature.rotation',
    about: 'while a secret rotates, a delivery with two signatures is taken, whichever of them is ours',
    run: async ({ client, wrongSecret, secret, events, sample, newUser }) => {
      for (const secrets of [
        [wrongSecret, secret],
        [secret, wrongSecret],
      ]) {
        const exchange = await client.call({ payload: sample(events[0] ?? 'message.receive', newUser()), secrets })
        const why = whyNotAcknowledged(exchange)
        if (why)
          return failed(
            `It was not taken: ${why}.`,
            'Try every signature of `webhook-signature`, which are separated by spaces: one that fits is enough.',
            exchange,
          )
      }
      return passed('Taken, with our signature first and second.')
    },
  },
]
