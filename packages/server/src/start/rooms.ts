/** Builds the parts of the service; each adds its stop to `shutdown`, which runs them last first. */
import { contractVersion, scopes } from '@tract/contract'
import { openAccounts } from '../accounts/accounts.js'
import { Admission } from '../api/admission.js'
import { Exports } from '../api/exports/exports.js'
import { openRateLimits } from '../api/rate-limit.js'
import { Readiness } from '../api/readiness.js'
import { Attachments } from '../attachments/attachments.js'
import { openAuthentication } from '../authentication/authentication.js'
import { WriteProbe } from '../database/write-probe.js'
import { makeListenerDue } from '../deliver/claims.js'
import { hookCalls } from '../deliver/hook-calls.js'
import { Sender } from '../deliver/send/sender.js'
import { DELIVERY_SETTINGS } from '../deliver/settings.js'
import { StoredHooks } from '../deliver/stored-hooks.js'
import { HookStreams } from '../deliver/streams/hook-streams.js'
import { Signals } from '../deliver/streams/signals.js'
import { StreamTransport } from '../deliver/streams/stream-transport.js'
import { STRAY_SETTINGS, StrayFiles } from '../upkeep/stray-files.js'
import { ChangeStreams } from '../views/change-streams.js'
import type { Base } from './base.js'
import type { CheckedSettings } from './settings.js'
import { SliceCalls, SliceWork } from './slice-rooms.js'

/** Accounts, tokens, and what calls are accepted with. */
export async function openAccepting(base: Base) {
  const { config, shutdown, storage, pool, pools, report, patient } = base
  const { box } = storage
  const accounts = openAccounts(pool, box)
  shutdown.add(() => accounts.close())
  const slices = pools.map((ofSlice) => new SliceCalls(base, ofSlice))
  const authentication = await patient(() =>
    openAuthentication({
      pool,
      secretBox: box,
      publicUrl: config.publicUrl,
      scopes: Object.keys(scopes),
      onError: (error) => report('authentication failed in the background', error),
      settings: { tokenLifetimeSeconds: config.tokenTtl, signingKeyRotationDays: config.keyRotationDays },
    }),
  )
  shutdown.add(() => authentication.close())
  const attachments = new Attachments({
    pools,
    store: storage.files,
    publicUrl: config.publicUrl,
    limit: config.attachmentLimit,
    unnamedLimit: config.unnamedAttachmentsLimit,
    onError: report,
  })
  const changes = new ChangeStreams(pools, (error) => report('what changes could not be looked for', error))
  const exports = new Exports(authentication)
  const transactions = slices.map((slice) => slice.transactions)
  const acceptors = slices.map(({ acceptor }) => acceptor)
  return { accounts, slices, transactions, authentication, acceptors, attachments, changes, exports }
}

type Accepting = Awaited<ReturnType<typeof openAccepting>>

/** What sends, and what the API asks of it. */
export function openSending(
  { options, shutdown, pool, report }: Base,
  { accounts, slices }: Accepting,
  { egress, way }: CheckedSettings,
) {
  const signals = new Signals(pool, (error) => report('a notification failed', error))
  shutdown.add(() => signals.close())
  const sender = new Sender({ version: contractVersion, egress, way, streams: new StreamTransport(pool, signals) })
  const hooks = new StoredHooks(accounts)
  const wakeListener = async (organisationId: string, listener: string) => {
    hooks.forget()
    await slices.ask(async ({ pool, wakeups }) => {
      const buckets = await makeListenerDue(pool, organisationId, listener, new Date())
      // before the lanes are woken, so that the first head to come is the probe
      wakeups.wakeListener(organisationId, listener)
      for (const bucket of buckets) wakeups.wake(bucket)
    })
  }
  const probeListener = (organisationId: string, listener: string) => {
    for (const { wakeups } of slices.all) wakeups.wakeListener(organisationId, listener)
  }
  const { streamGoneAfter } = options
  const hookStreams = new HookStreams({
    db: pool,
    signals,
    wakeListener,
    onError: (error) => report('a stream of hooks failed in the background', error),
    ...(streamGoneAfter !== undefined && { goneAfter: streamGoneAfter }),
  })
  return {
    ...{ sender, hooks, wakeListener, hookStreams },
    hookCalls: hookCalls({ sender, hooks, egress, wakeListener, probeListener }),
    retryPolicy: { ...DELIVERY_SETTINGS, ...options.delivery }.retry,
  }
}

type Sending = ReturnType<typeof openSending>

/** What decides whether a call is let in, and whether the process is ready for any. */
export function openHttp({ config, options, shutdown, telemetry: { log }, storage }: Base) {
  const probe = new WriteProbe(storage.connection)
  shutdown.add(() => probe.close())
  const readiness = new Readiness({
    write: () => probe.write(),
    onChange: (error) => {
      if (error) log.warn({ err: error }, 'nothing can be written')
      else log.info('writing works again')
    },
  })
  const admission = new Admission({ longestWait: config.longestWait, ...options.admission })
  return { readiness, admission, httpLimits: options.http ?? {}, rateLimits: openRateLimits(config.rateLimit) }
}

/**
 * Starts what works by itself: deliveries, timers, retention.
 * @param stopWatching ends what the operations port serves, after all of this has stopped
 */
export async function startWork(base: Base, accepting: Accepting, sending: Sending, stopWatching: () => unknown) {
  const { options, shutdown, storage, pool, report } = base
  const work = accepting.slices.map((calls, slice) => new SliceWork(base, accepting, sending, calls, slice))
  shutdown.add(() => work.ask((one) => one.close()))
  const strayFiles = new StrayFiles({
    pool,
    store: storage.files,
    settings: { ...STRAY_SETTINGS, ...options.strayFiles },
    onError: (error) => report('a file could not be removed', error),
  })
  shutdown.add(stopWatching)
  for (const one of work.all) await one.startDelivering()
  shutdown.add(() => work.ask((one) => one.stopDelivering()))
  strayFiles.start()
  shutdown.add(() => strayFiles.stop())
  sending.hookStreams.start()
  for (const one of work.all) one.startUpkeep()
  shutdown.add(() => work.ask((one) => one.stopUpkeep()))
  return work
}
