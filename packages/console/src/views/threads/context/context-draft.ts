/** A context as a person enters it, and what is sent of it. */
import type { PassContext } from '@tract/contract'

export interface ContextDraft {
  reason: string
  summary: string
  team: string
  priority: string
  language: string
  /** Separated by commas. */
  skills: string
}

export const EMPTY_DRAFT: ContextDraft = { reason: '', summary: '', team: '', priority: '', language: '', skills: '' }

/** What was entered; undefined where nothing was, so that a pass without a context stays one. */
export function contextOf({ skills, ...fields }: ContextDraft): PassContext | undefined {
  const named = skills.split(',').map(trimmed).filter(Boolean)
  const entered = Object.entries(fields).flatMap(([name, value]) => (trimmed(value) ? [[name, trimmed(value)]] : []))
  const context = { ...Object.fromEntries(entered), ...(named.length > 0 && { skills: named }) }
  return Object.keys(context).length > 0 ? context : undefined
}

const trimmed = (text: string): string => text.trim()
