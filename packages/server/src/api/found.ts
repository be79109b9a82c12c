import { Refusal } from '../accept/refusal.js'
import type { Absent } from '../accounts/records/records.js'

type Kind = 'organisation' | 'listener' | 'client' | 'hook'

export const organisationNotFound = (id: string) =>
  new Refusal('organisation_not_found', `There is no organisation ${id}.`)

const REFUSALS: Record<Absent<Kind>, (name: string) => Refusal> = {
  no_organisation: organisationNotFound,
  no_listener: (id) => new Refusal('listener_not_found', `The organisation has no listener ${id}.`),
  no_client: (id) => new Refusal('client_not_found', `There is no client ${id}.`),
  no_hook: () => new Refusal('hook_not_found', 'The listener has no such hook.'),
}

/**
 * What accounts/ answered, unless it did not find something.
 * @param names what the call gave, by what it names
 * @throws {Refusal}
 */
export function found<Answer>(
  answer: Answer,
  names: Partial<Record<Kind, string | null>>,
): Exclude<Answer, Absent<Kind>> {
  if (typeof answer !== 'string' || !(answer in REFUSALS)) return answer as Exclude<Answer, Absent<Kind>>
  const absent = answer as Absent<Kind>
  throw REFUSALS[absent](names[absent.replace('no_', '') as Kind] ?? '')
}
