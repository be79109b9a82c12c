import { randomBytes, randomUUID } from 'node:crypto'
import { catalogue } from '../events.js'
import type { Check, Endpoint, Finding } from './check.js'
import { acknowledges, deliveryChecks } from './delivery-checks.js'
import { EndpointClient } from './endpoint-client.js'
import { signatureChecks } from './signature-checks.js'

export interface ExaminationOptions {
  url: string
  secret: string
  events: readonly string[]
  conversations: number
  messages: number
}

export interface Examined extends Finding {
  check: string
  about: string
}

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`

/** Makes every check, one after another; only that if not even a proper delivery is taken, since the rest would say nothing. */
export async function* examine(options: ExaminationOptions): AsyncGenerator<Examined> {
  const endpoint = endpointOf(options)
  const first = await examined(acknowledges, endpoint)
  yield first
  if (first.verdict === 'failed') return
  for (const check of [...signatureChecks, ...deliveryChecks]) yield await examined(check, endpoint)
}

async function examined(check: Check, endpoint: Endpoint): Promise<Examined> {
  return { check: check.name, about: check.about, ...(await check.run(endpoint)) }
}

function endpointOf({ url, secret, ...options }: ExaminationOptions): Endpoint {
  const run = randomUUID().slice(0, 8)
  let users = 0
  return {
    ...options,
    secret,
    client: new EndpointClient(url, secret),
    wrongSecret: newSecret(),
    newUser: () => `tract-doctor-${run}-${++users}`,
    sample: (event, user_id) => ({ ...catalogue[event]?.example, user_id }),
  }
}
