/** What the examples share: who they are, and their hooks. */
import { readFileSync } from 'node:fs'
import { hookParts, type Tract, type TractOptions } from '@tract/client'
import type { HookName } from '@tract/client/webhooks'

const { TRACT_URL, TRACT_CLIENT_ID, TRACT_CLIENT_SECRET, TRACT_DATA_DIR = '.tract', PORT = '9000' } = process.env

export const port = Number(PORT)

/** From the environment; without that, a listener of the demo organisation of a service that runs in this folder. */
export function account(listener: string): TractOptions {
  if (TRACT_URL && TRACT_CLIENT_ID && TRACT_CLIENT_SECRET)
    return { baseUrl: TRACT_URL, clientId: TRACT_CLIENT_ID, clientSecret: TRACT_CLIENT_SECRET }
  const demo = JSON.parse(readFileSync(`${TRACT_DATA_DIR}/demo.json`, 'utf8'))
  const { client_id, client_secret } = demo.listeners[listener]
  return { baseUrl: demo.url, clientId: client_id, clientSecret: client_secret }
}

/**
 * Registers hooks, by `category.subcategory`, and gives their secrets. A secret is shown once: an application registers its hooks once and
 * keeps the secrets, where these examples get new ones at every start.
 */
export async function registerHooks(tract: Pick<Tract, 'hooks'>, url: string, names: HookName[]): Promise<string[]> {
  const secrets: string[] = []
  for (const name of names) {
    const { id, signing_secret } = await tract.hooks.register({ ...hookParts(name), url })
    secrets.push(signing_secret ?? (await tract.hooks.rotateSecret({ id })).signing_secret ?? '')
  }
  return secrets
}
