import { setTimeout as sleep } from 'node:timers/promises'
import { check, type Verdict } from '../check/check.js'
import type { History, Send } from '../history/history.js'
import { LISTENER_NAMES, type Plan } from '../plan/plan.js'
import { runDatabaseFaults } from './database-faults.js'
import { HookChanges } from './hook-changes.js'
import { runMoods } from './moods.js'
import { runOutages } from './outages.js'
import { Past } from './past.js'
import { runProcessFaults } from './process-faults.js'
import { backlog, readStored, stopTimers } from './stored.js'
import { Traffic } from './traffic.js'
import { World } from './world.js'

/** All is well again by then, and everything has arrived: leases have lapsed, and what a wrong clock put off has come due. */
const DRAINED_WITHIN_MS = 120_000
/** A late attempt of the last delivery comes within this time. */
const AFTERMATH_MS = 1_000
const PROGRESS_EVERY_MS = 10_000

export interface RunResult extends Verdict {
  seconds: number
  counts: Map<string, number>
  accepted: number
  replies: number
  deliveries: number
  receipts: number
  acknowledged: number
  undeliverable: number
  erased: number
  lanes: number
  /** Messages that were past their time, and were removed meanwhile. */
  past: number
  failures: Map<string, number>
  givenUp: number
  refusals: Map<string, number>
  /** Where the logs are, if something was wrong. */
  folder: string | null
}

/** Carries out a plan, and holds what was seen against the promises. */
export async function run(plan: Plan, note: (text: string) => void): Promise<RunResult> {
  const world = await World.start(plan, note)
  try {
    const traffic = new Traffic(world.organisation, world.clock, plan.seed)
    const past = new Past(world.database, world.clock, world.problems)
    const began = world.clock()
    await play(plan, world, traffic, past)
    const seconds = (world.clock() - began) / 1000
    await world.stopServices()
    const history: History = {
      sends: traffic.sends,
      receipts: world.receipts,
      losses: world.log.losses,
      outages: world.log.outages,
      hooks: world.organisation.hooks,
      erasures: traffic.erasures,
      stored: await readStored(
        world.database,
        world.organisation.id,
        traffic.erasures.map(({ user }) => user),
      ),
    }
    await world.stop()
    const verdict = check(history)
    for (const text of world.problems) verdict.violations.push({ invariant: 'process', text })
    if (verdict.violations.length === 0) await world.removeFolder()
    const { deliveries, lanes } = history.stored
    return {
      ...verdict,
      seconds,
      counts: world.log.counts,
      accepted: history.sends.filter(({ answers }) => isAccepted(answers)).length,
      replies: history.sends.filter(({ sender, answers }) => sender === 'listener' && isAccepted(answers)).length,
      deliveries: deliveries.length,
      receipts: history.receipts.length,
      acknowledged: history.receipts.filter(({ outcome }) => outcome === 'acknowledged').length,
      undeliverable: deliveries.filter(({ state }) => state === 'undeliverable').length,
      erased: history.erasures.length,
      lanes: lanes.length,
      past: past.written,
      failures: world.failures,
      givenUp: traffic.givenUp,
      refusals: traffic.refusals,
      folder: verdict.violations.length > 0 ? world.folder : null,
    }
  } catch (error) {
    await world.abort()
    note(`The logs are in ${world.folder}.`)
    throw error
  }
}

const isAccepted = (answers: Send['answers']) => answers.some(({ messageId }) => messageId !== null)

async function play(plan: Plan, world: World, traffic: Traffic, past: Past): Promise<void> {
  const { clock, log, database, slots, receivers, organisation } = world
  world.onFirst = (listener, hook, payload) => {
    if (hook === 'message/receive' && (listener === 'iva' || listener === 'desk')) traffic.reply(listener, payload)
  }
  const began = clock()
  const isOver = () => clock() - began >= plan.forMs
  const hooks = new HookChanges(organisation, receivers, clock, log)
  const ways = slots.map(({ way }) => way)
  const endWatch = log.watchStandstills()
  const progress = setInterval(() => {
    const failed = [...world.failures].map(([why, times]) => `${times} ${why}`).join(', ')
    log.note(
      `… ${traffic.sends.length} messages, ${world.receipts.length} receipts, ${traffic.waiting} calls under way; not answered: ${failed}`,
    )
  }, PROGRESS_EVERY_MS)
  try {
    await Promise.all([
      traffic.play(plan.load, isOver),
      runDatabaseFaults(database, ways, plan.databaseFaults, clock, log, isOver),
      ...slots.map((slot, index) => {
        const others = slots.filter((other) => other !== slot)
        return runProcessFaults(slot, others, plan.processFaults[index] ?? [], clock, log, isOver)
      }),
      runOutages(slots, plan.outages, clock, log, isOver),
      ...LISTENER_NAMES.map((name) => runMoods(name, receivers[name], plan.moods[name], plan.seed, clock, log)),
      playHookChanges(plan, world, hooks),
      past.play(isOver),
    ])
    log.note('no more faults; what is under way is waited for')
    await hooks.settled()
    for (const slot of slots) await slot.ready()
    await drained(world, traffic)
    await past.gone(DRAINED_WITHIN_MS)
  } finally {
    clearInterval(progress)
    endWatch()
  }
}

async function playHookChanges({ hookChanges }: Plan, { clock }: World, hooks: HookChanges): Promise<void> {
  const began = clock()
  for (const change of hookChanges) {
    await sleep(Math.max(0, began + change.at - clock()))
    hooks.begin(change)
  }
}

/** Waits until every call is answered and every lane is empty; says so where that does not come about. */
async function drained({ database, clock, problems }: World, traffic: Traffic): Promise<void> {
  await Promise.race([traffic.settled(), sleep(DRAINED_WITHIN_MS, undefined, { ref: false })])
  if (traffic.waiting > 0) problems.push(`${traffic.waiting} calls were never answered`)
  const giveUp = clock() + DRAINED_WITHIN_MS
  for (;;) {
    const timers = await stopTimers(database)
    const { waiting, lanes } = await backlog(database)
    if (waiting + timers + traffic.waiting === 0) break
    if (clock() > giveUp) {
      problems.push(`${waiting} deliveries wait in ${lanes.length} lanes: ${lanes.slice(0, 5).join('; ')}`)
      break
    }
    await sleep(100)
  }
  await sleep(AFTERMATH_MS)
}
