import type { Queryable } from '../database/queryable.js'
import type { SecretBox } from '../database/secret-box.js'
import type { Hook } from '../generated/prisma/client.js'
import type { Prisma, PrismaTransaction } from './prisma.js'

/** Whose secret a sealed hook secret is. */
export const hookSecretContext = (hookId: string): string => `hooks:${hookId}`

/** The secrets that deliveries are signed with, the newest first: two while a secret rotates. */
export function presentSecrets(
  box: SecretBox,
  hook: Pick<Hook, 'id' | 'secret' | 'previous_secret' | 'previous_secret_expires_at'>,
  now: Date,
): string[] {
  const rotating = hook.previous_secret && hook.previous_secret_expires_at && hook.previous_secret_expires_at > now
  return [hook.secret, ...(rotating && hook.previous_secret ? [hook.previous_secret] : [])].map((sealed) =>
    box.open(sealed, hookSecretContext(hook.id)).toString('utf8'),
  )
}

/**
 * Locks an organisation's row and marks its configuration as changed: every transaction that changes the organisation, its listeners or
 * its hooks begins with it, so that they come one after another and every cache notices. False: there is no such organisation.
 */
export async function lockOrganisation(transaction: PrismaTransaction, organisationId: string): Promise<boolean> {
  const { count } = await transaction.organisation.updateMany({
    where: { id: organisationId },
    data: { config_version: { increment: 1 } },
  })
  return count === 1
}

export interface HookName {
  organisation_id: string
  listener_id: string
  category: string
  subcategory: string
}

/** A hook as deliveries need it; disabled while its listener is. */
export async function findHook(prisma: Prisma, name: HookName): Promise<Hook | null> {
  const found = await prisma.hook.findFirst({
    where: { ...name },
    include: { listener: { select: { enabled: true } } },
  })
  return found && { ...found, status: found.listener.enabled ? found.status : 'disabled' }
}

/** Since when a hook is failing, and for how long of that it was tried. */
export async function setFailing(prisma: Prisma, hookId: string, since: Date | null, forMs = 0): Promise<void> {
  const data = { failing_since: since, failing_seconds: Math.floor(forMs / 1000) }
  await prisma.hook.updateMany({ where: { id: hookId }, data })
}

export interface DisabledHook {
  organisationId: string
  listener: string
  category: string
  subcategory: string
}

/** Disables a hook unless it is already, and marks its organisation's configuration as changed. Null: there was nothing to disable. */
export async function disableHookRow(
  queryable: Queryable,
  hookId: string,
  reason: string,
  now: Date,
): Promise<DisabledHook | null> {
  const { rows } = await queryable.query<DisabledHook & Record<string, string>>({
    text: `with touched as (
        update organisations set config_version = config_version + 1
        where id = (select organisation_id from hooks where id = $1) returning id)
      update hooks set status = 'disabled', disabled_reason = $2, updated_at = $3
      from touched where hooks.id = $1 and status = 'active'
      returning organisation_id as "organisationId", listener_id as listener, category, subcategory`,
    values: [hookId, reason, now],
  })
  return rows[0] ?? null
}
