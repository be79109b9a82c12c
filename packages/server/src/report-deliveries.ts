import type { DeliveryReports } from './delivery/reports.js'
import type { StoredHooks } from './delivery/stored-hooks.js'
import type { Services } from './http/services.js'
import { disableHook } from './messaging/disable-hook.js'
import { OwnerWatch } from './messaging/owner-watch.js'
import { setFailing } from './store/hooks.js'

/** What the delivery engine learns of receivers, and what follows from it. */
export function reportDeliveries({
  prisma,
  organisations,
  transactions,
  hooks,
}: Pick<Services, 'prisma' | 'organisations' | 'transactions'> & { hooks: StoredHooks }): DeliveryReports {
  const owners = new OwnerWatch(transactions, organisations)
  const disable = async (hookId: string, reason: string) => {
    await transactions.run((work) => disableHook(work, organisations, hookId, reason))
    hooks.forget()
  }
  return {
    laneFailing: (lane) => owners.failing(lane),
    hookGone: ({ hookId }) => disable(hookId, 'The receiver answered 410: it wants no more.'),
    hookUnreachable: ({ hookId, failingSince }) =>
      disable(hookId, `Nothing has succeeded since ${failingSince.toISOString()}.`),
    hookFailing: ({ hookId, failingSince, failingMs }) => setFailing(prisma, hookId, failingSince, failingMs),
    hookRecovered: ({ hookId }) => setFailing(prisma, hookId, null),
  }
}
