/**
 * How a conversation ends. A listener says it in the metadata of `conversation_state/complete`, a string in which it may
 * say anything. JSON of the shape `{reason?, note?, tags?}` is the outcome. By one of the known reasons metadata claims
 * that shape: then what does not fit is an error. All else is passed on as it came, and is no outcome.
 */
import type { ConversationOutcome } from '@tract/contract'
import { parsedObject } from '../../threads/sent-metadata.js'
import type { Command } from '../../threads/types.js'
import { Refusal } from '../refusal.js'
import { whyUnstorable } from './unstorable.js'

type Reason = NonNullable<ConversationOutcome['reason']>

const REASONS: readonly string[] = [
  'resolved',
  'abandoned',
  'timeout',
  'transferred',
  'spam',
  'other',
] satisfies Reason[]
const LONGEST_NOTE = 4_096
const MOST_TAGS = 100
const LONGEST_TAG = 128

const isText = (value: unknown, longest: number): value is string =>
  typeof value === 'string' && [...value].length <= longest

/** What does not fit the shape, as a sentence. */
function misfit(said: Record<string, unknown>): string | null {
  const { reason, note, tags } = said
  if (reason !== undefined && !REASONS.includes(reason as Reason)) return `reason must be one of ${REASONS.join(', ')}`
  if (note !== undefined && !isText(note, LONGEST_NOTE))
    return `note must be a string of at most ${LONGEST_NOTE} characters`
  if (tags === undefined) return whyUnstorable(said, 'note')
  if (!Array.isArray(tags) || tags.length > MOST_TAGS) return `tags must be an array of at most ${MOST_TAGS} strings`
  return tags.every((tag) => isText(tag, LONGEST_TAG))
    ? whyUnstorable(said, 'note', 'tags')
    : `each of tags must be a string of at most ${LONGEST_TAG} characters`
}

/** @throws {Refusal} `invalid_request` where the metadata claims the shape and does not have it */
export function checkOutcome(metadata: string | undefined): void {
  const said = parsedObject(metadata)
  if (!said || !REASONS.includes(said.reason as Reason)) return
  const wrong = misfit(said)
  if (wrong === null) return
  throw new Refusal('invalid_request', `The outcome in the metadata does not fit: ${wrong}.`, [
    { path: '/metadata', message: wrong },
  ])
}

function saidOutcome(metadata: string | undefined): ConversationOutcome {
  const said = parsedObject(metadata)
  if (!said || misfit(said) !== null) return {}
  const { reason, note, tags } = said as ConversationOutcome
  return {
    ...(reason !== undefined && { reason }),
    ...(note !== undefined && { note }),
    ...(tags !== undefined && { tags }),
  }
}

/** The outcome of the conversation that a command has ended. */
export function outcomeOf(command: Command): ConversationOutcome {
  switch (command.kind) {
    case 'event':
      if (command.type === 'conversation_state') return { ...saidOutcome(command.metadata), by: command.from }
      return { reason: command.type === 'aeu_events' ? 'timeout' : 'transferred', by: command.from }
    case 'pass':
    case 'take':
    case 'request':
      return { reason: 'transferred', by: command.requester }
    case 'tick':
      return { reason: 'timeout' }
    default:
      return {}
  }
}
