import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'

interface Schema {
  description?: string
  examples?: unknown[]
  properties?: Record<string, Schema>
  items?: Schema
  oneOf?: Schema[]
  $ref?: string
}

const folder = new URL('../../../../openapi/schemas/', import.meta.url)
/** Both files as one: a reference from one to the other is written as one within it. */
const source = ['hsl.yaml', 'hsl-parts.yaml']
  .map((file) => readFileSync(new URL(file, folder), 'utf8'))
  .join('')
  .replaceAll("'hsl-parts.yaml#/", "'#/")
const schemas: Record<string, Schema> = parse(source)

/** The schemas as the files have them, each under its own name. */
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true })
for (const [name, schema] of Object.entries<Schema>(parse(source.replaceAll("'#/Hsl", "'Hsl"))))
  ajv.addSchema({ $id: name, ...schema })

function isValid(name: string, value: unknown): boolean {
  const validate = ajv.getSchema(name)
  if (!validate) throw new Error(`no schema ${name}`)
  return validate(value) as boolean
}

describe.each(Object.keys(schemas))('%s', (name) => {
  const schema = schemas[name] as Schema

  test('describes itself and every field', () => {
    expect(schema.description).toMatch(/\S.*\.\s*$/s)
    expect(fieldsWithoutDescription(schema, name)).toEqual([])
  })

  test('has examples, all of them valid', () => {
    expect(schema.examples?.length).toBeGreaterThan(0)
    for (const example of schema.examples ?? []) expect([example, isValid(name, example)]).toEqual([example, true])
  })
})

test('every example of an element is exactly one kind of element', () => {
  const branches = (schemas.HslElement?.oneOf ?? []).map(({ $ref }) => $ref?.slice('#/'.length) ?? '')
  expect(branches).toHaveLength(8)
  for (const branch of branches)
    for (const example of schemas[branch]?.examples ?? []) {
      expect(branches.filter((name) => isValid(name, example))).toEqual([branch])
      expect(isValid('HslElement', example)).toBe(true)
    }
})

test('a known type is never accepted as an unknown one', () => {
  for (const type of ['TEXT', 'BUTTON', 'CAROUSEL', 'FORM', 'SYSTEM', 'SILENT', 'NATIVE_ACTION']) {
    expect(isValid('HslUnknown', { type })).toBe(false)
    expect(isValid('HslElement', { type })).toBe(false)
  }
  for (const type of ['TEXTS', 'text', 'TAB_LIST', 'RECEIPT', 'TEXT\n', 'A BUTTON'])
    expect(isValid('HslElement', { type, anything: [1, null] })).toBe(true)
  for (const element of [{}, { type: '' }, { type: 1 }, [], null, 'TEXT'])
    expect(isValid('HslElement', element)).toBe(false)
})

test('a flag is one of the forms met in the field', () => {
  for (const flag of [0, 1, true, false, 'true', 'false']) expect(isValid('HslFlag', flag)).toBe(true)
  for (const flag of [2, -1, 0.5, null, '', 'yes', 'TRUE', [], {}]) expect(isValid('HslFlag', flag)).toBe(false)
})

function fieldsWithoutDescription(schema: Schema, path: string): string[] {
  const missing: string[] = []
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const where = `${path}.${name}`
    const referred = schemas[field.$ref?.slice('#/'.length) ?? '']
    if (!field.description && !referred?.description) missing.push(where)
    missing.push(...fieldsWithoutDescription(field, where), ...fieldsWithoutDescription(field.items ?? {}, where))
  }
  return missing
}
