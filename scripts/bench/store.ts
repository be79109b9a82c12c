/** A database with services on it that deliver to a receiver, and how fast they do. */
import { addBacklog, type Backlog, clear, drained, type Template, template, type Users } from './backlog.js'
import type { BenchDatabase } from './database.js'
import { perSecond, Receiver } from './receiver.js'
import { type Organisation, Tract } from './tract.js'

export const LANES: Users = { prefix: 'u', count: 1_000 }
const PER_LANE = 20

/** 20,000 deliveries over 1,000 lanes; for a quick look a quarter of it, once warm. */
export const backlogOf =
  ({ quick }: { quick: boolean }) =>
  (round: number): Backlog => ({ users: LANES, perLane: quick && round > 0 ? PER_LANE / 4 : PER_LANE })

export interface Store {
  database: BenchDatabase
  /** The first of the services. */
  tract: Tract
  organisation: Organisation
  rows: Template
  receiver: Receiver
  close(): Promise<void>
}

export async function openStore(database: BenchDatabase, services = 1): Promise<Store> {
  const receiver = await Receiver.start()
  const tract = await Tract.start(database)
  const organisation = await tract.organisation(receiver.url)
  const rows = await template(database, tract, organisation)
  const others = await Promise.all(Array.from({ length: services - 1 }, () => Tract.start(database)))
  const close = async () => {
    await Promise.all([tract, ...others].map((service) => service.stop()))
    await receiver.stop()
    await database.drop()
  }
  return { database, tract, organisation, rows, receiver, close }
}

/** Fills, waits until everything has been delivered and written, and answers how many that was a second. */
export async function drainOnce(store: Store, backlog: Backlog, measure: Measure = (work) => work()): Promise<number> {
  await clear(store.database)
  return drainBeside(store, backlog, measure)
}

/** Takes the time of what goes on while it is being delivered. */
type Measure = (work: () => Promise<number>) => Promise<number>

/** The same, beside whatever the store holds. */
export async function drainBeside(
  { database, rows, receiver }: Store,
  backlog: Backlog,
  measure: Measure = (work) => work(),
): Promise<number> {
  await receiver.expect(backlog.users.count * backlog.perLane)
  await addBacklog(database, rows, backlog)
  const endedAt = await measure(async () => {
    await receiver.complete()
    return drained(database)
  })
  const seen = await receiver.seen()
  receiver.demandOrder(seen)
  return perSecond(seen, endedAt)
}
