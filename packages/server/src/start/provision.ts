/**
 * What a start makes in the database: an operator's client where there is none, in development a demo organisation, and the
 * sandbox, all in one transaction. A lock serialises processes that start together. Secrets go to the file before the
 * commit: a secret that counts and stands nowhere would be lost. A sandbox that cannot be made is undone alone.
 */
import { join } from 'node:path'
import { type Demo, newDemo, newOperator, scopesOf } from '../accounts/first-start.js'
import {
  addListeners,
  addOrganisations,
  addScopes,
  knownClients,
  putClients,
  undoneWhereItFails,
} from '../accounts/provisioning.js'
import type { Config } from '../config.js'
import type { ServiceClient } from '../database/connections.js'
import { transactionOn } from '../database/database.js'
import { whileLocked } from '../database/locks.js'
import {
  provisionSandbox,
  SANDBOX_CLIENT,
  SANDBOX_ID,
  type SandboxParties,
  type SandboxPlan,
} from '../sandbox/provision.js'
import { openCredentialsFile } from './credentials-file.js'

const START_LOCK = 748_201_336

export interface Provisioned {
  /** The file with the credentials; null: this start has made none, and there is none of an earlier one. */
  file: string | null
  sandbox: SandboxParties | null
}

/**
 * @param sandbox null: there is none
 * @param onSandboxFailure told why there is none though there was to be one
 */
export async function provision(
  connection: ServiceClient,
  config: Config,
  sandbox: SandboxPlan | null,
  onSandboxFailure: (error: unknown) => void,
): Promise<Provisioned> {
  return whileLocked(connection, START_LOCK, async () => {
    const file = await openCredentialsFile<Demo>(join(config.dataDir, config.production ? 'admin.json' : 'demo.json'))
    const before = file.content
    try {
      return await transactionOn(connection, async (db) => {
        const now = new Date()
        const known = await knownClients(db, SANDBOX_ID, SANDBOX_CLIENT)
        const isFirst = !known.some(({ listenerId }) => listenerId === null)
        const parts = isFirst ? [newOperator(), ...(config.production ? [] : [newDemo()])] : []
        if (isFirst) {
          await addOrganisations(
            db,
            parts.flatMap(({ organisations }) => organisations),
            now,
          )
          await addListeners(
            db,
            parts.flatMap(({ listeners }) => listeners),
            now,
          )
          await putClients(
            db,
            parts.flatMap(({ clients }) => clients),
            now,
            now,
          )
        }
        const kept = config.production ? undefined : before?.sandbox
        const parties =
          sandbox &&
          (await undoneWhereItFails(db, () => provisionSandbox(db, sandbox, known, kept, now)).catch(
            (error: unknown) => {
              onSandboxFailure(error)
              return null
            },
          ))
        const own = [config.production ? undefined : before?.listeners, parties?.credentials]
        await addScopes(
          db,
          own.flatMap((clients) => (clients ? scopesOf(clients) : [])),
          now,
        )
        const told = Object.assign({ url: config.publicUrl }, ...parts.map((part) => part.told))
        const content = isFirst ? told : before && { ...before, ...told }
        const ofSandbox = parties && !config.production ? { sandbox: parties.credentials } : {}
        if (content) await file.write({ ...content, ...ofSandbox })
        return { file: content && file.path, sandbox: parties }
      })
    } catch (error) {
      // what did not come to count is not told of
      if (before) await file.write(before)
      throw error
    }
  })
}
