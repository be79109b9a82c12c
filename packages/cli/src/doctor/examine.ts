import { randomUUID } from 'node:crypto'
import { catalogue } from '../events.js'
import { newSigningSecret } from '../signing-secret.js'
import { type Check, type Endpoint, type FileService, type Finding, skipped } from './check.js'
import { acknowledges, deliveryChecks, parallel } from './delivery-checks.js'
import { deskChecks } from './desk-checks.js'
import { EndpointClient } from './endpoint-client.js'
import { signatureChecks } from './signature-checks.js'

export interface ExaminationOptions {
  url: string
  secret: string
  events: readonly string[]
  conversations: number
  messages: number
  files?: FileService
}

export interface Examined extends Finding {
  check: string
  about: string
}

/** Said of each check that was not run since the first one failed. */
export const CUT_SHORT = `Not run: ${acknowledges.name} failed.`

const OTHERS = [...signatureChecks, ...deliveryChecks, ...deskChecks, parallel]

/** Makes every check, one after another; the first alone if not even a proper delivery is taken, since the rest would say nothing. */
export async function* examine(options: ExaminationOptions): AsyncGenerator<Examined> {
  const endpoint = endpointOf(options)
  const first = await examined(acknowledges, endpoint)
  yield first
  for (const check of OTHERS) {
    if (first.verdict === 'failed') yield { ...named(check), ...skipped(CUT_SHORT) }
    else yield await examined(check, endpoint)
  }
}

const named = ({ name, about }: Check) => ({ check: name, about })

async function examined(check: Check, endpoint: Endpoint): Promise<Examined> {
  return { ...named(check), ...(await check.run(endpoint)) }
}

function endpointOf({ url, secret, ...options }: ExaminationOptions): Endpoint {
  const run = randomUUID().slice(0, 8)
  let users = 0
  return {
    ...options,
    secret,
    client: new EndpointClient(url, secret),
    wrongSecret: newSigningSecret(),
    newUser: () => `tract-doctor-${run}-${++users}`,
    sample: (event, user_id) => ({ ...catalogue[event]?.example, user_id }),
  }
}
