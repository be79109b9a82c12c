import { disableHook, noUser } from '../accept/disable-hook.js'
import type { Transactions } from '../accept/work.js'
import type { Accounts } from '../accounts/accounts.js'
import type { Organisations } from '../accounts/organisations.js'
import type { Sliced } from '../database/slices.js'
import type { DeliveryReports, HookReport } from '../deliver/reports.js'
import type { StoredHooks } from '../deliver/stored-hooks.js'
import { OwnerWatch } from './owner-watch.js'
import { reportOfferAnswer } from './run-due.js'

export interface ReportParts {
  accounts: Accounts
  organisations: Organisations
  /** Of the slice that deliveries are made from. */
  transactions: Transactions
  ofAll: Sliced<Transactions>
  hooks: StoredHooks
}

/** What the delivery engine learns of receivers, and what follows from it. */
export function reportDeliveries({
  accounts,
  organisations,
  transactions,
  ofAll,
  hooks,
}: ReportParts): DeliveryReports {
  const owners = new OwnerWatch(transactions, organisations)
  const disable = async ({ hookId, organisationId }: HookReport, reason: string) => {
    await ofAll.of(noUser(organisationId).bucket).run((work) => disableHook(work, organisations, hookId, reason))
    hooks.forget()
  }
  return {
    laneFailing: (lane) => owners.failing(lane),
    hookGone: (hook) => disable(hook, 'The receiver answered 410: it wants no more.'),
    hookUnreachable: (hook) => disable(hook, `Nothing has succeeded since ${hook.failingSince.toISOString()}.`),
    hookFailing: ({ hookId, failingSince, failingMs }) => accounts.setFailing(hookId, failingSince, failingMs),
    offerAnswered: (offer) => reportOfferAnswer(transactions, organisations, offer),
    hookRecovered: ({ hookId }) => accounts.setFailing(hookId, null),
  }
}
