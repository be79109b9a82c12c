/** A database with a service on it that delivers to a receiver, and how fast it does. */

import { addBacklog, clear, drained, type Template, template, type Users } from './backlog.js'
import type { Bench } from './bench.js'
import type { BenchDatabase } from './database.js'
import { perSecond, Receiver } from './receiver.js'
import { type Organisation, Tract } from './tract.js'

export const LANES: Users = { prefix: 'u', count: 1_000 }
const PER_LANE = 20

/** Deliveries in each lane: for a quick look a quarter of them, after the first round. */
export const perLaneOf =
  ({ quick }: Pick<Bench, 'quick'>) =>
  (round: number): number =>
    quick && round > 0 ? PER_LANE / 4 : PER_LANE

export interface Store {
  database: BenchDatabase
  tract: Tract
  organisation: Organisation
  rows: Template
  receiver: Receiver
  close(): Promise<void>
}

export async function openStore(database: BenchDatabase): Promise<Store> {
  const receiver = await Receiver.start()
  const tract = await Tract.start(database)
  const organisation = await tract.organisation(receiver.url)
  const rows = await template(database, tract, organisation)
  const close = async () => {
    await tract.stop()
    await receiver.stop()
    await database.drop()
  }
  return { database, tract, organisation, rows, receiver, close }
}

/** Fills an empty store, and waits until everything is delivered and written. */
export async function drainedPerSecond({ database, rows, receiver }: Store, perLane: number): Promise<number> {
  await clear(database)
  await receiver.expect(LANES.count * perLane)
  await addBacklog(database, rows, { users: LANES, perLane })
  await receiver.reach()
  const endedAt = await drained(database)
  const seen = await receiver.seenInOrder()
  return perSecond(seen, endedAt)
}
