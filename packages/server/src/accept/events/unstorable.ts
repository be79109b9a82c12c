/** The metadata of an event is JSON in a string, so that the check of the body has not looked into it. */
import { findUnstorable } from '@tract/contract'
import { parsedObject } from '../../threads/sent-metadata.js'
import { Refusal } from '../refusal.js'

/** Levels of an object, itself the first. What is deeper could not be written again with TRACT's own fields. */
const MOST_LEVELS = 64

/** Why one of these fields cannot be stored, as a sentence; null if all can. */
export function whyUnstorable(said: Record<string, unknown>, ...fields: readonly string[]): string | null {
  const [issue] = fields.flatMap((field) => findUnstorable(said[field], field))
  return issue ? `${issue.path} ${issue.message}` : null
}

/** @throws {Refusal} `invalid_request` */
export function checkNesting(metadata: string | undefined): void {
  if (metadata === undefined || metadata.length <= MOST_LEVELS || !isDeeper(parsedObject(metadata), MOST_LEVELS)) return
  const message = `must not be nested deeper than ${MOST_LEVELS} levels`
  throw new Refusal('invalid_request', `The metadata ${message}.`, [{ path: '/metadata', message }])
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((child) => isDeeper(child, levels - 1)))
