/** A validator says the same of an emitted schema and of the document's own, for any value. */
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { schemas } from '../../../packages/contract/src/generated/schemas.js'
import { schemaList } from '../../../packages/contract/src/schema-list.js'
import { load } from '../load.js'
import { schemasOf } from '../operations.js'
import type { Schema } from '../schema/keywords.js'
import { LEFT_TO_SERVER, runtimeSchema } from '../schema/reference.js'
import type { Source } from '../source.js'
import { brokenInstanceOf } from './broken-instance.js'
import { instanceOf } from './schema-arbitrary.js'

const RUNS = 60
const names = Object.keys(schemas) as (keyof typeof schemas)[]

let source: Source
let components: Record<string, Schema>
/** Over the bundled document as it is. */
let original: Ajv2020
/** Over the emitted schemas; a keyword that it does not know, such as a forgotten `x-`, throws. */
let emitted: Ajv2020

beforeAll(async () => {
  source = await load(fileURLToPath(new URL('../../..', import.meta.url)))
  components = schemasOf(source.document)
  original = addFormats.default(new Ajv2020({ strict: false }))
  original.addSchema({ ...withoutServerChecks({ components: { schemas: components } }), $id: 'document' })
  emitted = addFormats.default(new Ajv2020({ strictSchema: true, strictTypes: false }))
  for (const schema of schemaList) emitted.addSchema(schema)
})

/** Without the values that validators leave to a check of the server. */
function withoutServerChecks(document: object): object {
  return JSON.parse(JSON.stringify(document), (_key, value) => {
    if (typeof value !== 'object' || value === null || !('x-refused-with' in value)) return value
    return Object.fromEntries(Object.entries(value).filter(([keyword]) => !LEFT_TO_SERVER.has(keyword)))
  })
}

test('every schema is emitted', () => {
  expect([...names].sort()).toEqual(Object.keys(components).sort())
})

describe.each(names)('%s', (name) => {
  test('is the schema of the document, without annotations', () => {
    expect(JSON.parse(JSON.stringify(schemas[name]))).toEqual(runtimeSchema(components[name] as Schema))
  })

  test('accepts and refuses what the document does', () => {
    const isOriginal = original.compile({ $ref: `document#/components/schemas/${name}` })
    const isEmitted = emitted.getSchema(name) as ValidateFunction
    const schema = components[name] as Schema
    const verdicts = { valid: 0, broken: 0 }
    const agree = (value: unknown): boolean => {
      const verdict = isOriginal(value)
      expect({ value, verdict: isEmitted(value) }).toEqual({ value, verdict })
      return verdict as boolean
    }
    fc.assert(
      fc.property(instanceOf(schema, components), brokenInstanceOf(schema, components), (instance, broken) => {
        if (agree(instance)) verdicts.valid++
        if (!agree(broken)) verdicts.broken++
      }),
      { numRuns: RUNS },
    )
    // Agreement on one verdict alone would say nothing.
    expect(verdicts.valid).toBeGreaterThan(RUNS * 0.9)
    expect(verdicts.broken).toBeGreaterThan(0)
  })
})
