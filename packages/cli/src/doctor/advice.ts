import { type Exchange, IN_TIME_MS, objectOf } from './endpoint-client.js'

const ACKNOWLEDGE = 'Answer 2xx within 5 seconds, and do what takes longer afterwards.'

const CONNECTION: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH/, 'Start the endpoint: nothing listens at that address.'],
  [/bad port/, 'Give it another port: `fetch` calls none that belongs to another protocol.'],
  [/ENOTFOUND|EAI_AGAIN/, 'Mend the host in the URL: its name leads nowhere.'],
  [
    /certificate|\bCERT|SSL|TLS/i,
    'Mend its certificate, which TRACT verifies: the whole chain, for this host, and not expired.',
  ],
  [/no answer within/, ACKNOWLEDGE],
]

const STATUS: Readonly<Record<number, string>> = {
  404: 'Mend the path of the URL: hooks are posted to exactly this one.',
  405: 'Take POST at this URL: hooks come by it.',
  413: 'Take bodies of up to 1.25 MiB: a message may have 64 KiB, and its JSON more.',
  415: 'Take `content-type: application/json`.',
}

/** What to do about a proper delivery that was not acknowledged, by what went wrong with it. */
export function adviceOn({ status, error = '', answer = '', duration_ms }: Exchange): string {
  if (status === undefined) {
    const [, known] = CONNECTION.find(([cause]) => cause.test(error)) ?? []
    return known ?? 'Look into the log of your endpoint: it ended the connection without an answer.'
  }
  if (status >= 300 && status < 400) return 'Give the URL that it redirects to: a delivery is not sent on.'
  if (status >= 500) return 'Look into the log of your endpoint: it fails on a delivery that is as TRACT sends it.'
  if (STATUS[status]) return STATUS[status]
  if (status >= 400) return 'Answer 2xx: the delivery is as TRACT sends it, and what is refused is repeated.'
  if (duration_ms > IN_TIME_MS) return ACKNOWLEDGE
  if (objectOf(answer)) return 'Answer without `success: false` and without an `error`: they refuse the payload.'
  return 'Answer with at most 64 KiB of JSON in UTF-8, or with nothing.'
}
