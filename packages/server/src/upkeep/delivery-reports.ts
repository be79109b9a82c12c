import { disableHook } from '../accept/disable-hook.js'
import type { Transactions } from '../accept/work.js'
import type { Accounts } from '../accounts/accounts.js'
import type { Organisations } from '../accounts/organisations.js'
import type { DeliveryReports } from '../deliver/reports.js'
import type { StoredHooks } from '../deliver/stored-hooks.js'
import { OwnerWatch } from './owner-watch.js'
import { reportOfferAnswer } from './run-due.js'

/** What the delivery engine learns of receivers, and what follows from it. */
export function reportDeliveries({
  accounts,
  organisations,
  transactions,
  hooks,
}: {
  accounts: Accounts
  organisations: Organisations
  transactions: Transactions
  hooks: StoredHooks
}): DeliveryReports {
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
    hookFailing: ({ hookId, failingSince, failingMs }) => accounts.setFailing(hookId, failingSince, failingMs),
    offerAnswered: (offer) => reportOfferAnswer(transactions, organisations, offer),
    hookRecovered: ({ hookId }) => accounts.setFailing(hookId, null),
  }
}
