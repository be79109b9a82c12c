import { randomUUID } from 'node:crypto'
import type { DocumentedOperation } from '../../support/contract.js'

/** A hook's URL is looked up before anything else is, so this one is of this machine; and nothing is ever sent to it. */
const IDLE_HOOK = { category: 'thread_control', subcategory: 'expired', url: 'http://127.0.0.1:9/' }

/** A well-formed body of an operation, for calls that are refused or fail with any body. */
export function wellFormed({ operationId, example }: DocumentedOperation): Record<string, unknown> | undefined {
  return operationId === 'registerHook' ? IDLE_HOOK : example
}

/** Another one. */
export function otherBody(body: Record<string, unknown>): Record<string, unknown> {
  for (const name of ['user_id', 'name', 'url', 'file'])
    if (name in body) return { ...body, [name]: `${body[name]}-other` }
  for (const name of ['id', 'client_id', 'organisation_id']) if (name in body) return { ...body, [name]: randomUUID() }
  if ('ids' in body) return { ids: [randomUUID()] }
  if ('valid_for_seconds' in body) return { ...body, valid_for_seconds: 1 }
  if ('dry_run' in body) return { ...body, dry_run: !body.dry_run }
  if (Object.keys(body).length === 0) return { immediately: false }
  throw new Error(`no other body than ${JSON.stringify(body)} is known`)
}

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  listListeners: ['organisation_id'],
  listThreads: ['organisation_id'],
  exportThreads: ['organisation_id'],
  exportMessages: ['organisation_id', 'user_id'],
  exportDeliveries: ['organisation_id'],
  getThread: ['organisation_id', 'user_id'],
  streamChanges: ['organisation_id'],
  listTimeline: ['organisation_id', 'user_id'],
  getOverview: ['organisation_id'],
}

/** What has to be in a query for it to be well-formed. */
export const neededQuery = (operationId: string): Record<string, string> =>
  Object.fromEntries((NEEDED[operationId] ?? []).map((name) => [name, randomUUID()]))
