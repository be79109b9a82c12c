import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Issue } from '../generated/types.js'
import { type HslKnownElement, SCHEMA_OF_TYPE } from './known-types.js'

/** Checks an element against the schema of its `type`; paths are JSON pointers below `path`. */
export type ElementValidator = (element: object, type: HslKnownElement['type'], path: string) => Issue[]

/** @param schemas the contract's schemas by name; they refer to each other as `Name#` */
export function createElementValidator(schemas: Readonly<Record<string, object>>): ElementValidator {
  // The schemas are checked where they are made; here that would only cost time at every start.
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, validateSchema: false })
  for (const [name, schema] of Object.entries(schemas)) if (name.startsWith('Hsl')) ajv.addSchema(schema, name)
  const validators = new Map<string, ValidateFunction>()
  for (const [type, name] of Object.entries(SCHEMA_OF_TYPE)) {
    const validate = ajv.getSchema(name)
    if (!validate) throw new Error(`the contract has no schema ${name}`)
    validators.set(type, validate)
  }
  return (element, type, path) => {
    const validate = validators.get(type)
    return !validate || validate(element) ? [] : issuesOf(validate.errors ?? [], path)
  }
}

/**
 * One issue for each broken field: the permitted values say more than the type.
 * Of an `anyOf`, every branch adds its own message.
 */
function issuesOf(errors: readonly ErrorObject[], path: string): Issue[] {
  const byPath = new Map<string, Map<string, { keyword: string; message: string }>>()
  for (const error of errors) {
    if (error.keyword === 'anyOf') continue
    const where = path + error.instancePath + (error.keyword === 'required' ? `/${error.params.missingProperty}` : '')
    const branch = error.schemaPath.slice(0, error.schemaPath.lastIndexOf('/'))
    const branches = byPath.get(where) ?? new Map()
    byPath.set(where, branches)
    const known = branches.get(branch)
    if (!known || known.keyword === 'type') branches.set(branch, { keyword: error.keyword, message: messageOf(error) })
  }
  return [...byPath].map(([where, branches]) => ({ path: where, message: alternatives(branches) }))
}

function alternatives(branches: ReadonlyMap<string, { message: string }>): string {
  const [first = '', ...others] = [...branches.values()].map(({ message }) => message)
  return [first, ...others.map((message) => message.replace(/^must be /, ''))].join(' or ')
}

const TYPE_NAMES: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
}

function messageOf({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return 'is required'
    case 'type':
      return `must be ${[params.type]
        .flat()
        .map((type: string) => TYPE_NAMES[type] ?? type)
        .join(' or ')}`
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue)}`
    case 'enum':
      return `must be one of ${params.allowedValues.map((value: unknown) => JSON.stringify(value)).join(', ')}`
    default:
      return message ?? `breaks the rule ${keyword}`
  }
}
