/**
 * Every API, hook and field of the source stands in the document with its type and required flag; what else the
 * document has is marked `x-tract-extension: true` (a further value of a field, `x-tract-extension-values`), and is never
 * required of an ECT.
 *
 * @typedef {import('../document.js').Context} Context
 * @typedef {import('../document.js').Operation} Operation
 * @typedef {import('../document.js').Place} Place
 * @typedef {import('../schema-shape.js').Shape} Shape
 * @typedef {{ type: string, required: boolean, may_be_left_out?: boolean, values?: string }} SourceField
 * @typedef {Record<string, SourceField>} SourceFieldMap
 * @typedef {{ title: string, alternative?: boolean, request?: SourceFieldMap, response?: SourceFieldMap }} Entry
 * @typedef {{ apis?: (Entry & { method: string, path: string })[], hooks?: (Entry & { category: string, subcategory: string })[],
 *   values?: Record<string, unknown[]>, events?: Record<string, string[]>, wire_names?: Record<string, string> }} Table
 * @typedef {{ message: string, place: Place }} Finding
 */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { child, isJson, mediaTypes, operations, placeOf, responses, title } from '../document.js'
import { isMarked, shapes, typesOf, valuesOf } from '../schema-shape.js'

/**
 * @param {{ table?: Table, notOfAUser?: string[] }} options `table` stands in for source-fields.yaml in the tests;
 *   `notOfAUser` names the hooks of ours that are about no user, so that the source's event fields cannot apply
 */
export const SourceFields = ({ table = readTable(), notOfAUser = [] }) => ({
  Root: {
    leave(/** @type {Record<string, any>} */ root, /** @type {Context} */ ctx) {
      const all = operations(ctx, root)
      /** @type {Set<string>} */
      const reported = new Set()
      const wanted = entriesByOperation(table)
      const event = table.hooks?.find((hook) => hook.category === '*')
      const isWanted = (/** @type {Operation} */ operation) => wanted.has(nameOf(operation))
      for (const name of wanted.keys())
        if (!all.some((operation) => nameOf(operation) === name))
          ctx.report({ message: `The source's ${name} is missing.`, location: ctx.location })
      for (const operation of all) {
        const isEvent = operation.kind === 'webhook' && !notOfAUser.includes(operation.name)
        const entries = wanted.get(nameOf(operation)) ?? (isEvent && event ? [event] : [])
        const findings = isWanted(operation) ? checkSourceOperation(operation) : checkExtension(operation)
        findings.push(...checkParameters(operation))
        for (const part of /** @type {const} */ (['request', 'response']))
          if (entries.length) findings.push(...checkPart(ctx, operation, part, entries, table.values ?? {}))
        for (const { message, place } of findings) {
          // A parameter or a schema that many operations share is reported once.
          const key = `${message} ${place.location.absolutePointer}`
          if (!reported.has(key)) ctx.report({ message: `${title(operation)}: ${message}`, location: place.location })
          reported.add(key)
        }
      }
    },
  },
})

const readTable = () => parse(readFileSync(new URL('../source-fields.yaml', import.meta.url), 'utf8'))

/** @param {Operation} operation */
const nameOf = (operation) =>
  operation.kind === 'webhook' ? `hook ${operation.name}` : `${operation.method} ${operation.name}`

/**
 * @param {Table} table
 * @returns {Map<string, Entry[]>} by the operation's name; *Get user* and *Get user details* share one
 */
function entriesByOperation(table) {
  /** @type {Map<string, Entry[]>} */
  const entries = new Map()
  const add = (/** @type {string} */ name, /** @type {Entry} */ entry) =>
    entries.set(name, [...(entries.get(name) ?? []), entry])
  for (const api of table.apis ?? []) add(`${api.method} ${api.path}`, api)
  for (const hook of table.hooks ?? [])
    if (hook.category !== '*') add(`hook ${hook.category}.${hook.subcategory}`, hook)
    else
      for (const [type, subtypes] of Object.entries(table.events ?? {}))
        for (const subtype of subtypes) {
          const name = `hook ${type}.${table.wire_names?.[subtype] ?? subtype}`
          if (!entries.has(name)) add(name, hook)
        }
  return entries
}

/**
 * @param {Operation} operation
 * @returns {Finding[]}
 */
function checkSourceOperation(operation) {
  const place = placeOf(operation)
  const findings = []
  if (isMarked(place)) findings.push({ message: "it is the source's, so it is no extension.", place })
  if (!(operation.node['x-audience'] ?? []).includes('vendor'))
    findings.push({ message: "it is the source's, so `x-audience` has to name `vendor`.", place })
  return findings
}

/**
 * @param {Operation} operation
 * @returns {Finding[]}
 */
function checkExtension(operation) {
  const place = placeOf(operation)
  return isMarked(place) ? [] : [{ message: 'it is not in the source: mark it `x-tract-extension: true`.', place }]
}

/**
 * The source has no parameters at all.
 * @param {Operation} operation
 * @returns {Finding[]}
 */
function checkParameters(operation) {
  if (isMarked(placeOf(operation))) return []
  return operation.parameters.flatMap((place) => {
    const { name, required } = place.node
    const findings = []
    if (!isMarked(place))
      findings.push({
        message: `parameter \`${name}\` is not in the source: mark it \`x-tract-extension: true\`.`,
        place,
      })
    if (required && operation.kind === 'path')
      findings.push({ message: `parameter \`${name}\` is an extension and may not be required of an ECT.`, place })
    return findings
  })
}

/**
 * @param {Context} ctx
 * @param {Operation} operation
 * @param {'request' | 'response'} part
 * @param {Entry[]} entries
 * @param {Record<string, unknown[]>} values
 * @returns {Finding[]}
 */
function checkPart(ctx, operation, part, entries, values) {
  const schemas = part === 'request' ? requestSchemas(ctx, operation) : responseSchemas(ctx, operation)
  const wantsNothing = entries.every((entry) => !entry[part])
  if (!schemas.length)
    return wantsNothing ? [] : [{ message: `the source's ${part} has no JSON schema here.`, place: placeOf(operation) }]
  const isInput = (operation.kind === 'path') === (part === 'request')
  const known = new Set(entries.flatMap((entry) => Object.keys(entry[part] ?? {})))
  return schemas.flatMap((schema) => {
    const alternatives = shapes(ctx, schema)
    const findings = entries.flatMap((entry) => {
      const choices = entry.alternative ? alternatives.map((one) => [one]) : [alternatives]
      return fewest(
        choices.map((choice) => compare(ctx, schema, choice, entry, part, values, isMarked(placeOf(operation)))),
      )
    })
    return [...findings, ...unmarked(operation, alternatives, known, isInput)]
  })
}

/**
 * @param {Context} ctx
 * @param {Operation} operation
 */
function requestSchemas(ctx, operation) {
  return jsonSchemas(ctx, child(ctx, placeOf(operation), 'requestBody'))
}

/**
 * @param {Context} ctx
 * @param {Operation} operation
 */
function responseSchemas(ctx, operation) {
  return responses(ctx, operation).flatMap(([status, response]) =>
    status.startsWith('2') && !isMarked(response) ? jsonSchemas(ctx, response) : [],
  )
}

/**
 * @param {Context} ctx
 * @param {Place | undefined} holder
 */
function jsonSchemas(ctx, holder) {
  return mediaTypes(ctx, holder).flatMap(([type, media]) => {
    const schema = isJson(type) ? child(ctx, media, 'schema') : undefined
    return schema ? [schema] : []
  })
}

/** @param {Finding[][]} lists */
const fewest = (lists) => lists.reduce((best, list) => (list.length < best.length ? list : best))

/**
 * @param {Context} ctx
 * @param {Place} schema
 * @param {Shape[]} alternatives
 * @param {Entry} entry
 * @param {'request' | 'response'} part
 * @param {Record<string, unknown[]>} values
 * @param {boolean} extension is the operation itself one
 * @returns {Finding[]}
 */
function compare(ctx, schema, alternatives, entry, part, values, extension) {
  return Object.entries(entry[part] ?? {}).flatMap(([name, wanted]) => {
    const found = alternatives.flatMap((shape) => shape.get(name) ?? [])
    const what = `${part} field \`${name}\` of the source's *${entry.title}*`
    const [first] = found
    if (!first) return [{ message: `${what} is missing.`, place: schema }]
    const findings = []
    // A field is required if every alternative requires it: a refusal's `reason` is still optional.
    const required = found.length === alternatives.length && found.every((field) => field.required)
    if (required !== wanted.required && !wanted.may_be_left_out)
      findings.push({ message: `${what} has to be ${wanted.required ? 'required' : 'optional'}.`, place: first.place })
    for (const field of found) {
      const type = sourceType(ctx, field.place)
      if (type !== wanted.type)
        findings.push({ message: `${what} has to be ${wanted.type}, not ${type}.`, place: field.place })
      if (field.claimed && !extension)
        findings.push({ message: `${what} is marked as an extension.`, place: field.place })
      const listed = wanted.values ? values[wanted.values] : undefined
      const ours = new Set(field.place.node['x-tract-extension-values'])
      const theirs = valuesOf(ctx, field.place)?.filter((/** @type {unknown} */ value) => !ours.has(value))
      if (listed && !sameValues(theirs, listed))
        findings.push({ message: `${what} has to be one of ${listed.join(', ')}.`, place: field.place })
    }
    return findings
  })
}

/**
 * @param {unknown[] | undefined} a
 * @param {unknown[]} b
 */
const sameValues = (a, b) => a !== undefined && a.length === b.length && a.every((value) => b.includes(value))

/**
 * A schema's type in the source's words, or its JSON types where the source has no word for it.
 * @param {Context} ctx
 * @param {Place} schema
 * @returns {string}
 */
function sourceType(ctx, schema) {
  const names = /** @type {Record<string, string>} */ ({ string: 'str', boolean: 'bool', object: 'dict' })
  const types = typesOf(ctx, schema)
  if (types.join() === 'array') {
    const items = child(ctx, schema, 'items')
    return `List[${items ? sourceType(ctx, items) : 'any'}]`
  }
  return types.map((type) => (types.length === 1 ? names[type] : undefined) ?? type).join(' or ')
}

/**
 * @param {Operation} operation
 * @param {Shape[]} alternatives
 * @param {Set<string>} known
 * @param {boolean} isInput does the ECT send it
 * @returns {Finding[]}
 */
function unmarked(operation, alternatives, known, isInput) {
  const whole = isMarked(placeOf(operation))
  const added = new Map(alternatives.flatMap((shape) => [...shape].filter(([name]) => !known.has(name))))
  return [...added].flatMap(([name, field]) => {
    const findings = []
    if (!whole && !field.extension)
      findings.push({
        message: `field \`${name}\` is not in the source: mark it \`x-tract-extension: true\`.`,
        place: field.place,
      })
    if (isInput && alternatives.every((shape) => shape.get(name)?.required))
      findings.push({
        message: `field \`${name}\` is an extension and may not be required of an ECT.`,
        place: field.place,
      })
    return findings
  })
}
