/** Calls of the platform document, by operationId. The session's cookie goes along by itself, and no token is ever in reach of this page. */
import type { Operations } from '@tract/contract'
import { parseJson } from '@tract/contract/json'
import { calls } from '../generated/calls.js'
import { CallError, callError } from './call-error.js'

export type CallId = keyof typeof calls & keyof Operations

export type Answer<Id extends CallId> = Operations[Id]['answer']

type Part<Name extends 'query' | 'body', T> = [T] extends [undefined]
  ? { [N in Name]?: undefined }
  : Record<never, never> extends T
    ? { [N in Name]?: T }
    : undefined extends T
      ? { [N in Name]?: T }
      : { [N in Name]: T }

export type Input<Id extends CallId> = Part<'query', Operations[Id]['query']> & Part<'body', Operations[Id]['body']>

export interface CallOptions {
  /** `<organisation_id>/<listener_id>`: the listener whose access the call has. */
  actFor?: string | undefined
  signal?: AbortSignal | undefined
}

const ended = new Set<() => void>()

/** Tells when the service no longer knows the session. @returns how to stop being told */
export function onSessionEnd(listener: () => void): () => void {
  ended.add(listener)
  return () => ended.delete(listener)
}

export async function call<Id extends CallId>(
  id: Id,
  input: Input<Id>,
  { actFor, signal }: CallOptions = {},
): Promise<Answer<Id>> {
  const [method, path] = calls[id]
  const { query, body } = input as { query?: Readonly<Record<string, unknown>>; body?: unknown }
  const headers: Record<string, string> = {}
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (actFor !== undefined) headers['tract-act-for'] = actFor
  const response = await fetch(`${path}${queryOf(query)}`, {
    method,
    headers,
    credentials: 'same-origin',
    // keys may be kept by others for a while; who looks here wants to see them as they are
    cache: 'no-store',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  }).catch(lost(signal))
  if (!response.ok) throw await refusalOf(response)
  return (response.status === 204 ? undefined : parseJson(await response.text().catch(lost(signal)))) as Answer<Id>
}

/** There is no answer, or not all of it. */
const lost = (signal: AbortSignal | undefined) => (error: unknown) => {
  if (signal?.aborted) throw error
  throw new CallError('The service cannot be reached.', 'unreachable', 0)
}

/** What an answer says that is none; an end of the session is told. */
export async function refusalOf(response: Response): Promise<CallError> {
  const error = await callError(response)
  if (error.status === 401) for (const listener of ended) listener()
  return error
}

function queryOf(query: Readonly<Record<string, unknown>> = {}): string {
  const entries = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries)}`
}
