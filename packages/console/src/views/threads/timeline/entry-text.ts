/** What an entry of the timeline says, in a line or two. */

import { toPlainText } from '@tract/contract/hsl'
import { parseJson } from '@tract/contract/json'

const MAX_CHARACTERS = 400

/** The text of a message as a tool without buttons would show it, on one line. */
export function messageText(body: unknown): string {
  const text = toPlainText(body).replaceAll(/\s+/g, ' ').trim()
  if (text) return text.slice(0, MAX_CHARACTERS)
  return isTyped(body) ? `(${body.type.toLowerCase()})` : ''
}

const isTyped = (body: unknown): body is { type: string } =>
  typeof body === 'object' && body !== null && 'type' in body && typeof body.type === 'string'

/** What changed with an event, of the fields that its metadata has. */
export function eventText(metadata: string | undefined): string {
  const fields = parsed(metadata)
  if (typeof fields !== 'object' || fields === null) return (metadata ?? '').slice(0, MAX_CHARACTERS)
  const { from, to, reason, owner, agent, agent_name: name, context } = fields as Record<string, unknown>
  const parts = [
    typeof from === 'string' || typeof to === 'string' ? `${named(from)} → ${named(to)}` : undefined,
    typeof owner === 'string' ? `owner ${owner}` : undefined,
    typeof name === 'string' ? name : textOf(agent, 'name'),
    typeof reason === 'string' ? reason.replaceAll('_', ' ') : undefined,
    textOf(context, 'reason'),
    textOf(context, 'summary'),
  ]
  return parts
    .filter((part) => part !== undefined)
    .join(' · ')
    .slice(0, MAX_CHARACTERS)
}

/** Metadata is text, and mostly JSON; a vendor's may be anything. */
export function parsed(metadata: string | undefined): unknown {
  try {
    return parseJson(metadata ?? 'null')
  } catch {
    return metadata
  }
}

const named = (value: unknown): string => (typeof value === 'string' ? value : 'nobody')

const textOf = (fields: unknown, name: string): string | undefined => {
  const value = typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>)[name] : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}
