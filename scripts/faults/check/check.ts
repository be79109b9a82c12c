import type { History } from '../history/history.js'
import { checkAnswers } from './answers.js'
import { checkClosed } from './closed.js'
import { checkControl } from './control.js'
import { checkConversations } from './conversations.js'
import { checkCorrections, withTokens } from './corrections.js'
import { checkErasures } from './erasures.js'
import { Excuses } from './excuses.js'
import { checkFiles } from './files.js'
import { checkHook } from './hooks.js'
import { checkIds, checkLane } from './lanes.js'
import { checkMessages } from './messages.js'
import { checkOffers } from './offers.js'
import { checkRatings } from './ratings.js'
import { checkRepetitions } from './repetitions.js'
import { checkStored } from './stored.js'
import { grouped, laneName, type Violation } from './violation.js'

export interface Verdict {
  violations: Violation[]
  /** Deliveries that came more than once, and how often they came after the first time. */
  repeated: number
  repetitions: number
  /** Acknowledgements after which a repetition would have had no excuse. */
  unexcused: number
}

/** Holds a history against every promise. */
export function check(history: History): Verdict {
  const { losses, outages, hooks, erasures, stored, files, downloads, completions } = history
  const receipts = [...history.receipts].sort((one, other) => one.at - other.at)
  const excuses = new Excuses(losses)
  const erased = new Set(erasures.map(({ user }) => user))
  const isKept = ({ user }: { user: string }) => !erased.has(user)
  const deliveries = grouped(receipts, ({ id }) => id)
  const sends = history.sends.filter(isKept)
  const kept = receipts.filter(isKept)
  const corrections = history.corrections.filter(isKept)
  const messages = withTokens(stored.messages, corrections)
  const violations: Violation[] = [
    ...checkMessages(sends, messages, kept),
    ...[...grouped(receipts, laneName)].flatMap(([lane, theirs]) => checkLane(lane, theirs)),
    ...checkIds(receipts),
    ...checkStored(stored, kept),
    ...checkOffers(history.offerAnswers, kept),
    ...checkClosed(history.controls, history.availability, kept),
    ...checkConversations(sends, completions, { ...stored, messages }, kept),
    ...checkCorrections(corrections, { messages, transcripts: history.transcripts }, kept),
    ...checkRatings(history.ratings.filter(isKept), completions, stored.conversations, kept),
    ...checkFiles(files, downloads, stored, receipts, erased, corrections),
    ...checkAnswers(receipts, stored.unwritten),
    ...checkControl(receipts, { outages, losses }, excuses),
    ...checkErasures(erasures, receipts, stored.remains, excuses),
    ...[...deliveries.values()].flatMap((theirs) => checkRepetitions(theirs, excuses)),
    ...receipts.flatMap((receipt) => checkHook(receipt, hooks[`${receipt.listener} ${receipt.hook}`] ?? [], excuses)),
  ]
  return {
    violations,
    repeated: [...deliveries.values()].filter(({ length }) => length > 1).length,
    repetitions: receipts.length - deliveries.size,
    unexcused: receipts.filter((receipt) => receipt.outcome === 'acknowledged' && !excuses.lost(receipt)).length,
  }
}
