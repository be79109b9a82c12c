import { ExactNumber } from '@tract/contract'
import type { Issue } from '../../accept/refusal.js'
import { ContractViolation } from '../errors.js'
import { type JsonSchema, pointer } from './validation.js'

/**
 * What a body's schema says of its fields beyond what a validator checks. Only closed objects (`additionalProperties:
 * false`) are looked into: what is in an open one is its sender's, and passed on as it is.
 */
export interface BodyFields {
  /** Where null means that the field is not there: optional, and without a meaning of its own for null. */
  absentIfNull: ReadonlySet<string>
  /** Open objects: what is in them keeps every digit. */
  open: ReadonlySet<string>
  /** Closed objects, and lists of them. */
  closed: ReadonlyMap<string, BodyFields>
}

/** Where the number of fields matters, a field that is null counts. */
const COUNTING = ['minProperties', 'maxProperties', 'dependentRequired']

type Resolve = (schema: JsonSchema) => JsonSchema

export function bodyFields(schema: JsonSchema, resolve: Resolve): BodyFields {
  const absentIfNull = new Set<string>()
  const open = new Set<string>()
  const closed = new Map<string, BodyFields>()
  for (const branch of branchesOf(schema, resolve)) {
    const counts = COUNTING.some((keyword) => keyword in branch)
    const required = new Set((branch.required ?? []) as string[])
    for (const [name, property] of Object.entries((branch.properties ?? {}) as Record<string, JsonSchema>)) {
      const alternatives = branchesOf(property, resolve)
      if (!counts && !required.has(name) && !alternatives.some(takesNull)) absentIfNull.add(name)
      if (alternatives.some(isOpen)) open.add(name)
      const items = alternatives.flatMap(({ items }) => (items ? branchesOf(items as JsonSchema, resolve) : []))
      if ([...alternatives, ...items].some(isClosed))
        closed.set(name, bodyFields({ anyOf: [...alternatives, ...items] }, resolve))
    }
  }
  return { absentIfNull, open, closed }
}

function branchesOf(schema: JsonSchema, resolve: Resolve): JsonSchema[] {
  const resolved = resolve(schema)
  const branches = [...((resolved.oneOf ?? []) as JsonSchema[]), ...((resolved.anyOf ?? []) as JsonSchema[])]
  return branches.length === 0 ? [resolved] : branches.flatMap((branch) => branchesOf(branch, resolve))
}

const isClosed = ({ additionalProperties }: JsonSchema) => additionalProperties === false
const isOpen = (schema: JsonSchema) => schema.type === 'object' && !isClosed(schema)
const takesNull = ({ type, ...others }: JsonSchema) =>
  type === undefined ? !('enum' in others || 'const' in others) : [type].flat().includes('null')

/** Removes fields that are null where null means their absence. */
export function dropAbsent(body: unknown, fields: BodyFields): void {
  if (Array.isArray(body)) for (const item of body) dropAbsent(item, fields)
  if (typeof body !== 'object' || body === null) return
  const values = body as Record<string, unknown>
  for (const name of Object.keys(values)) {
    if (values[name] === null && fields.absentIfNull.has(name)) delete values[name]
    const closed = fields.closed.get(name)
    if (closed) dropAbsent(values[name], closed)
  }
}

/**
 * Gives the open objects of a checked body every digit back.
 * @throws {ContractViolation} for a number of too many digits anywhere else
 */
export function restoreDigits(body: unknown, exact: unknown, fields: BodyFields): void {
  const issues: Issue[] = []
  restore(body, exact, fields, '', issues)
  if (issues.length > 0) throw new ContractViolation(issues)
}

function restore(body: unknown, exact: unknown, fields: BodyFields | undefined, path: string, issues: Issue[]): void {
  if (exact instanceof ExactNumber) {
    issues.push({
      path,
      message: 'must be a number without more digits than 64 bits hold, such as whole ones up to 9007199254740991',
    })
    return
  }
  if (typeof body !== 'object' || body === null) return
  const [into, from] = [body, exact] as [Record<string, unknown>, Record<string, unknown>]
  for (const name of Object.keys(into)) {
    if (fields?.open.has(name) && !(from[name] instanceof ExactNumber)) into[name] = from[name]
    else
      restore(
        into[name],
        from[name],
        Array.isArray(body) ? fields : fields?.closed.get(name),
        `${path}/${pointer(name)}`,
        issues,
      )
  }
}
