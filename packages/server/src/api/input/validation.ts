import { schemas as contract } from '@tract/contract'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Issue } from '../../accept/refusal.js'
import { ContractViolation } from '../errors.js'

export interface JsonSchema {
  [keyword: string]: unknown
}

type Part = 'body' | 'query' | 'headers' | 'params'

/** One list of errors names every field, up to this many. */
const MOST_ISSUES = 20

/**
 * Compiles the schemas of a document for each part of a request: bodies are taken as written, while queries, which are text on the wire,
 * are coerced.
 */
export class Validators {
  readonly #strict: Ajv2020
  readonly #answers: Ajv2020
  readonly #coercing: Ajv2020
  readonly #compiled = new WeakMap<JsonSchema, ValidateFunction>()

  constructor(schemas: readonly JsonSchema[]) {
    // the contract's lint has checked the schemas themselves
    const options = {
      allErrors: true,
      strict: false,
      validateSchema: false,
      ownProperties: true,
      schemas: schemas as JsonSchema[],
    }
    const asWritten = { ...options, coerceTypes: false, removeAdditional: false }
    this.#answers = addFormats.default(new Ajv2020(asWritten))
    this.#strict = addFormats.default(new Ajv2020({ ...asWritten, schemas: schemas.map(readElsewhere) }))
    this.#coercing = addFormats.default(new Ajv2020({ ...options, coerceTypes: true, useDefaults: true }))
  }

  /**
   * A check of values against one schema, compiled when it is first needed. It answers the value, coerced where its part is, and throws a
   * `ContractViolation` that names each field.
   */
  checker(schema: JsonSchema, part: Part): (value: unknown) => unknown {
    // a union is decided by the value, so that it has no one function
    let only: ValidateFunction | undefined
    return (value) => {
      if (only === undefined && schema.oneOf === undefined) only = this.#compile(schema, part)
      const validate = only ?? this.#compile(this.#branch(schema, value), part)
      if (validate(value)) return value
      throw new ContractViolation(toIssues(validate.errors ?? [], part))
    }
  }

  /** A schema that what goes out has to match. */
  answers(schema: JsonSchema): ValidateFunction {
    return this.#answers.compile(schema)
  }

  #compile(schema: JsonSchema, part: Part): ValidateFunction {
    const known = this.#compiled.get(schema)
    if (known) return known
    const compiled = (part === 'body' ? this.#strict : this.#coercing).compile(schema)
    this.#compiled.set(schema, compiled)
    return compiled
  }

  /** A union whose branches differ in what they require is decided by what is there, so that the errors are those of one branch. */
  #branch(schema: JsonSchema, value: unknown): JsonSchema {
    const branches = schema.oneOf as JsonSchema[] | undefined
    if (!branches || typeof value !== 'object' || value === null) return branches?.[0] ?? schema
    const required = (branch: JsonSchema) => (this.resolve(branch).required as string[] | undefined) ?? []
    const fitting = branches.filter((branch) =>
      required(branch).every((name) => (value as Record<string, unknown>)[name] != null),
    )
    return fitting.sort((a, b) => required(b).length - required(a).length)[0] ?? (branches[0] as JsonSchema)
  }

  resolve(schema: JsonSchema): JsonSchema {
    return typeof schema.$ref === 'string' ? (this.#strict.getSchema(schema.$ref)?.schema as JsonSchema) : schema
  }
}

/** An element of a message is checked by who reads it, which names the fields of its own type and not those of seven others. */
function readElsewhere(schema: JsonSchema): JsonSchema {
  return schema.$id === 'HslElement' ? { $id: schema.$id, type: 'object' } : schema
}

function toIssues(errors: ErrorObject[], part: Part): Issue[] {
  const byPath = new Map<string, Set<string>>()
  for (const error of errors) {
    if (['oneOf', 'anyOf', 'propertyNames'].includes(error.keyword)) continue // what is in them says more
    const [path, message] = describe(error)
    const shown = part === 'body' ? path : `${part === 'query' ? '?' : ''}${path.slice(1)}`
    byPath.set(shown, (byPath.get(shown) ?? new Set()).add(message))
    if (byPath.size === MOST_ISSUES) break
  }
  return [...byPath].map(([path, messages]) => ({ path, message: [...messages].join(' or ') }))
}

export const pointer = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

/** Patterns of the contract, as a person reads what they mean: that of names and ids, and that of languages. */
const MEANINGS: Readonly<Record<string, string>> = {
  '^[^\\x00-\\x1f\\x7f-\\x9f\\uD800-\\uDFFF]*$': 'must not contain control characters',
  [String(contract.PassContext.properties.language.pattern)]: 'must be a language tag of BCP 47, such as en-IN',
}

function describe({ instancePath, keyword, params, message, propertyName }: ErrorObject): [string, string] {
  switch (keyword) {
    case 'additionalProperties':
      return [`${instancePath}/${pointer(params.additionalProperty)}`, 'is no field of this body']
    case 'required':
      return [`${instancePath}/${pointer(params.missingProperty)}`, 'is required']
    case 'dependentRequired':
      return [`${instancePath}/${pointer(params.missingProperty)}`, `is required along with ${params.property}`]
    case 'enum':
      return [instancePath, `must be one of ${params.allowedValues.join(', ')}`]
    case 'const':
      return [instancePath, `must be ${JSON.stringify(params.allowedValue)}`]
    case 'pattern': {
      const problem = MEANINGS[params.pattern] ?? `must match ${params.pattern}`
      if (propertyName === undefined) return [instancePath, problem]
      return [`${instancePath}/${pointer(propertyName)}`, `the name ${problem}`]
    }
    case 'minProperties':
    case 'maxProperties':
      return [instancePath, `${message}`]
    default:
      return [instancePath, message ?? 'is not valid']
  }
}
