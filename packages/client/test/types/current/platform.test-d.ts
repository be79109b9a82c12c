/** What a program of the platform may count on. Compiled against the packed package, never run. */

import type { Tract } from '@tract/client'
import { type Client, NotFoundError, type OrganisationCreate, TractPlatform } from '@tract/client/platform'

const platform = new TractPlatform({ baseUrl: 'https://tract.example.com', clientId: 'id', clientSecret: 'secret' })
/** It can do all that a vendor can. */
export const vendor: Pick<Tract, 'messages' | 'threads' | 'hooks' | 'users' | 'deliveries' | 'events'> = platform

export async function provision(organisation: OrganisationCreate): Promise<string | undefined> {
  const { id } = await platform.organisations.create(organisation)
  for await (const listener of platform.listeners.list({ organisation_id: id })) void listener.kind
  for await (const client of platform.clients.list()) void (client satisfies Client)
  // @ts-expect-error of which organisation?
  platform.listeners.list()
  const { client_secret } = await platform.clients.rotateSecret({ client_id: 'id' })
  return client_secret satisfies string | undefined
}

export async function carry(): Promise<void> {
  await platform.platformMessages.send({
    user_id: '1',
    sender: 'ceu',
    message_body: 'Hello',
    user: { user_name: 'Asha' },
  })
  // @ts-expect-error no method speaks for the desk here
  await platform.platformMessages.send({ user_id: '1', sender: 'aeu', message_body: 'Hello' })
  const receipt = { user_id: '1', type: 'message', metadata: { message_id: 4 } } as const
  await platform.platformEvents.send({ ...receipt, subtype: 'read' })
  // @ts-expect-error no such receipt
  await platform.platformEvents.send({ ...receipt, subtype: 'forgotten' })
  await platform.users.erase({ user_id: '1' }).catch((error: unknown) => error instanceof NotFoundError)
  await platform.users.get({ user_id: '1' })
}
