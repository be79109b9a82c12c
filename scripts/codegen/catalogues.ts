/** The two catalogues beside the document: error codes and events, and what is checked of them. */

import type { OpenApiDocument } from './document.js'
import { componentName } from './schema/reference.js'

export interface ErrorGroup {
  group: string
  errors: { code: string; status: number; description: string }[]
}

export interface EventGroup {
  type: string
  extension?: boolean
  description: string
  subtypes: EventSubtype[]
}

export interface EventSubtype {
  subtype: string
  /** What the source writes for it, where that is no name; callers may write it too. */
  also?: string
  extension?: boolean
  description: string
  /** Kinds of listeners, or `tract`. */
  senders: string[]
  audience?: string[]
  effect: string
  metadata?: { $ref: string }
}

const NAME = /^[a-z][a-z0-9_]*$/

/** Every code once, and the same codes as the document's component `ErrorCode` lists. */
export function checkErrors(groups: readonly ErrorGroup[], document: OpenApiDocument): void {
  const codes = groups.flatMap(({ errors }) => errors.map(({ code }) => code))
  distinct(codes, 'error code')
  const component = document.components?.schemas?.ErrorCode
  if (typeof component !== 'object') throw new Error('the document has no component schema ErrorCode')
  const listed = (component['x-extensible-enum'] ?? []) as string[]
  const missing = codes.filter((code) => !listed.includes(code))
  const extra = listed.filter((code) => !codes.includes(code as string))
  if (missing.length > 0) throw new Error(`in errors.yaml and not in ErrorCode: ${missing.join(', ')}`)
  if (extra.length > 0) throw new Error(`in ErrorCode and not in errors.yaml: ${extra.join(', ')}`)
}

/** Every (type, subtype) once, with a sender, and with a metadata schema that the document has. */
export function checkEvents(groups: readonly EventGroup[], document: OpenApiDocument): void {
  distinct(
    groups.flatMap(({ type, subtypes }) => subtypes.map(({ subtype }) => `${type}.${subtype}`)),
    'event',
  )
  const kinds = listenerKinds(document)
  for (const { type, subtypes } of groups) {
    for (const { subtype, senders, metadata } of subtypes) {
      const event = `${type}.${subtype}`
      for (const name of [type, subtype]) if (!NAME.test(name)) throw new Error(`${event}: ${name} is not snake_case`)
      if (senders.length === 0) throw new Error(`${event}: it has no sender`)
      const unknown = senders.filter((sender) => sender !== 'tract' && !kinds.includes(sender))
      if (unknown.length > 0) throw new Error(`${event}: no kind of listener is called ${unknown.join(', ')}`)
      const schema = metadata && componentName(metadata.$ref)
      if (schema && document.components?.schemas?.[schema] === undefined) {
        throw new Error(
          `${event}: its metadata schema ${schema} is no component; name it under components.schemas of the root document`,
        )
      }
    }
  }
}

function listenerKinds(document: OpenApiDocument): unknown[] {
  const component = document.components?.schemas?.ListenerKind
  if (typeof component !== 'object') throw new Error('the document has no component schema ListenerKind')
  return component.enum ?? []
}

function distinct(names: readonly string[], what: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`${what} ${twice} stands twice`)
}
