import type { PassContext } from '@tract/client'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Output, plain } from './output.js'

const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const satisfies readonly PassContext['priority'][]

/**
 * Options of what asks for control: the conversation that it is meant for, and what the listener that gets control
 * should know of the case, by the names of the contract.
 */
export function takesContext(command: Command): Command {
  return command
    .option('--reason <reason>', 'why, in a word that a program reads, such as billing')
    .option('--summary <text>', 'what happened so far, for a person')
    .option('--team <team>', 'the team of the desk that it is meant for')
    .option('--skill <skill>', 'what an agent has to be able to do; give it again for another', more)
    .addOption(new Option('--priority <priority>', 'how urgent it is').choices(PRIORITIES))
    .option('--language <language>', 'the user’s language, such as en-IN')
    .option('--custom <json>', 'whatever else, a JSON object', object)
    .option('--conversation <number>', 'only if this conversation is the open one')
}

export interface ContextOptions extends Omit<PassContext, 'skills'> {
  skill?: string[]
  conversation?: string
}

/** Nothing where none of the options was given. */
export function contextOf(options: ContextOptions): { context?: PassContext; conversation_number?: string } {
  const { reason, summary, team, skill: skills, priority, language, custom, conversation } = options
  const given = Object.entries({ reason, summary, team, skills, priority, language, custom })
  const context = Object.fromEntries(given.filter(([, value]) => value !== undefined)) as PassContext
  return {
    ...(Object.keys(context).length > 0 && { context }),
    ...(conversation !== undefined && { conversation_number: conversation }),
  }
}

export function showContext(output: Output, heading: string, context: PassContext): void {
  const { reason, summary, team, skills, priority, language, custom } = context
  output.line(`\n${plain(heading)}`)
  const words = { reason, summary, team, skills: skills?.join(', '), priority, language }
  output.fields({ ...words, custom: custom && JSON.stringify(custom) })
}

const more = (value: string, before: string[] = []): string[] => [...before, value]

function object(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // it is said below
  }
  throw new InvalidArgumentError('It has to be a JSON object.')
}
