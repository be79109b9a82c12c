import { setTimeout as sleep } from 'node:timers/promises'
import { check, type Verdict } from '../check/check.js'
import type { Correction, History, Send } from '../history/history.js'
import { LISTENER_NAMES } from '../plan/listeners.js'
import type { Plan } from '../plan/plan.js'
import { saidBy } from '../world/receiver.js'
import { Calls } from './calls.js'
import { runDatabaseFaults } from './database-faults.js'
import { answerOffer, endSome } from './desk.js'
import { fetchSome } from './files.js'
import { runHookChanges } from './hook-changes.js'
import { runMoods } from './moods.js'
import { runOutages } from './outages.js'
import { Past } from './past.js'
import { runProcessFaults } from './process-faults.js'
import { backlog, filesOnTheirWayOut, readStored, stopTimers } from './stored.js'
import { Traffic } from './traffic.js'
import { transcriptsOf } from './transcripts.js'
import { World } from './world.js'

/** By then leases have lapsed, and what a wrong clock put off has come due. */
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
  /** How offers ended, by the way. */
  offers: Map<string, number>
  completed: number
  edits: number
  deletions: number
  ratings: number
  files: number
  downloads: number
  lanes: number
  /** Messages that were past their time, and were removed during the run. */
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
  const { clock, log, database, organisation, receipts, problems, failures, folder } = world
  try {
    const calls = new Calls(organisation, clock, plan.seed)
    const traffic = new Traffic(calls)
    const past = new Past(database, clock, problems)
    const began = clock()
    await play(plan, world, { calls, traffic, past })
    const erased = calls.seen.erasures.map(({ user }) => user)
    const corrected = new Set(calls.seen.corrections.map(({ user }) => user))
    for (const user of erased) corrected.delete(user)
    const transcripts = await transcriptsOf(organisation, corrected)
    const seconds = (clock() - began) / 1000
    await world.stopServices()
    const { seen, refusals } = calls
    const { losses, outages, counts } = log
    const stored = await readStored(database, world.store, organisation.id, erased)
    const found = { receipts, losses, outages, hooks: organisation.hooks, transcripts, stored }
    const history: History = { ...seen, ...found }
    await world.stop()
    const verdict = check(history)
    for (const text of problems) verdict.violations.push({ invariant: 'process', text })
    const isRight = verdict.violations.length === 0
    if (isRight) await world.removeFolder()
    const accepted = seen.sends.filter(({ answers }: Send) => answers.some(({ messageId }) => messageId !== null))
    return {
      ...verdict,
      seconds,
      counts,
      accepted: accepted.length,
      replies: accepted.filter(({ sender }) => sender === 'listener').length,
      deliveries: stored.deliveries.length,
      receipts: receipts.length,
      acknowledged: receipts.filter(({ outcome }) => outcome === 'acknowledged').length,
      undeliverable: stored.deliveries.filter(({ state }) => state === 'undeliverable').length,
      erased: erased.length,
      ...desked(history),
      lanes: stored.lanes.length,
      past: past.written,
      failures,
      givenUp: traffic.givenUp,
      refusals,
      folder: isRight ? null : folder,
    }
  } catch (error) {
    await world.abort()
    note(`The logs are in ${folder}.`)
    throw error
  }
}

interface Parts {
  calls: Calls
  traffic: Traffic
  past: Past
}

async function play(plan: Plan, world: World, { calls, traffic, past }: Parts): Promise<void> {
  const { clock, log, slots } = world
  world.onFirst = (listener, hook, payload) => {
    if (hook === 'thread_control/offered' && saidBy(payload).to === listener) answerOffer(calls, listener, payload)
    if (hook !== 'message/receive') return
    fetchSome(calls, listener, payload)
    if (listener === 'iva' || listener === 'desk') traffic.reply(listener, payload)
    if (listener === 'desk') endSome(calls, traffic, payload)
  }
  const began = clock()
  const isOver = () => clock() - began >= plan.forMs
  const endWatch = log.watchStandstills()
  const progress = setInterval(() => {
    const failed = [...world.failures].map(([why, times]) => `${times} ${why}`).join(', ')
    const done = `${calls.seen.sends.length} messages, ${world.receipts.length} receipts`
    log.note(`… ${done}, ${calls.waiting} calls under way; not answered: ${failed}`)
  }, PROGRESS_EVERY_MS)
  try {
    await Promise.all([
      traffic.play(plan.load, isOver),
      runDatabaseFaults(world, plan.databaseFaults, isOver),
      ...slots.map((slot, index) => runProcessFaults(world, slot, plan.processFaults[index] ?? [], isOver)),
      runOutages(world, plan.outages, isOver),
      ...LISTENER_NAMES.map((name) => runMoods(world, plan, name)),
      runHookChanges(world, plan.hookChanges),
      past.play(isOver),
    ])
    log.note('no more faults: waiting for what is under way')
    for (const slot of slots) await slot.ready()
    await drained(world, calls)
    await past.gone(DRAINED_WITHIN_MS)
  } finally {
    clearInterval(progress)
    endWatch()
  }
}

function desked({ receipts, completions, corrections, ratings, files, downloads }: History) {
  const ends = receipts.filter(
    ({ listener, offer, hook }) => listener === 'observer' && offer !== null && !hook.endsWith('/offered'),
  )
  const offers = new Map<string, number>()
  for (const { hook } of new Map(ends.map((end) => [end.id, end])).values())
    offers.set(hook, (offers.get(hook) ?? 0) + 1)
  const completed = completions.filter(({ isTaken }) => isTaken).length
  const taken = (kind: Correction['kind']) => corrections.filter((one) => one.isTaken && one.kind === kind).length
  return {
    offers,
    completed,
    edits: taken('edited'),
    deletions: taken('deleted'),
    ratings: ratings.filter(({ isTaken }) => isTaken).length,
    files: files.length,
    downloads: downloads.length,
  }
}

/** Waits until every call is answered and every lane is empty, or notes a problem. */
async function drained({ database, clock, problems }: World, calls: Calls): Promise<void> {
  await Promise.race([calls.settled(), sleep(DRAINED_WITHIN_MS, undefined, { ref: false })])
  if (calls.waiting > 0) problems.push(`${calls.waiting} calls were never answered`)
  const giveUp = clock() + DRAINED_WITHIN_MS
  for (;;) {
    const timers = await stopTimers(database)
    const { waiting, lanes } = await backlog(database)
    const files = await filesOnTheirWayOut(database)
    if (waiting + timers + files + calls.waiting === 0) break
    if (clock() > giveUp) {
      problems.push(`${waiting} deliveries wait in ${lanes.length} lanes: ${lanes.slice(0, 5).join('; ')}`)
      problems.push(`${timers} timers run, ${files} files are to be removed, ${calls.waiting} calls are under way`)
      break
    }
    await sleep(100)
  }
  await sleep(AFTERMATH_MS)
}
