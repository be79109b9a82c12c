/** What the SDK gets, over a small contract: each file gives the text that stands in want/. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { SdkNames } from '../client-names.js'
import type { Schema } from '../schema/keywords.js'
import type { Source } from '../source.js'
import { clientContract } from '../targets/client-contract.js'
import { clientEvents } from '../targets/client-events.js'
import { clientMethods } from '../targets/client-methods.js'
import { clientTypes } from '../targets/client-types.js'
import { consoleCalls } from '../targets/console-calls.js'
import { document, source } from './fixture.js'

const pet = { $ref: '#/components/schemas/Pet' }
const json = (schema: Schema) => ({ 'application/json': { schema } })

/** The fixture, with a list. */
const given: Source = {
  ...source,
  document: {
    ...document,
    paths: {
      '/pets/get/': document.paths?.['/pets/get/'] ?? {},
      '/pets/': document.paths?.['/pets/'] ?? {},
      '/pet/': document.paths?.['/pet/'] ?? {},
      '/pets/list/': {
        post: {
          operationId: 'listPets',
          summary: 'List pets',
          description: 'By name.',
          tags: ['Pets'],
          'x-audience': ['platform'],
          security: [],
          requestBody: { required: true, content: json({ type: 'object', properties: { after: { type: 'string' } } }) },
          responses: {
            '200': {
              description: 'A page.',
              content: json({
                type: 'object',
                properties: { pets: { type: 'array', items: pet }, next: { type: 'string' } },
              }),
            },
          },
        },
      },
    },
    components: { ...document.components, schemas: { ...document.components?.schemas, Issue: { type: 'object' } } },
  },
}

const names: SdkNames = {
  getPet: { name: 'pets.get' },
  createPet: [
    { name: 'pets.create', serialised: { field: 'name', type: 'object' } },
    { name: 'pets.adopt', fixed: { name: 'Stray' }, answer: 'PetId' },
  ],
  listPets: { name: 'pets.list' },
}

/** As the real catalogue has them: sent by a tool, and by who carries messages. */
const sent: Source['events'] = given.events.map((group) => ({
  ...group,
  subtypes: group.subtypes.flatMap((subtype) => [
    { ...subtype, senders: ['ect'] },
    { ...subtype, subtype: 'weighed', senders: ['md'] },
  ]),
}))

const FILES = [
  ...clientMethods(given, names),
  ...clientTypes(given),
  ...clientContract(given, names),
  ...clientEvents({ events: sent }),
]

describe('the fixture gives', () => {
  test.each(FILES)('$path', ({ path, contents }) => {
    expect(contents).toBe(readFileSync(new URL(`want/client-${basename(path)}.txt`, import.meta.url), 'utf8'))
  })
})

test('the console gets the calls of the platform alone', () => {
  const [{ path, contents } = { path: '', contents: '' }] = consoleCalls(given)
  expect(path).toBe('packages/console/src/generated/calls.ts')
  expect(contents).toContain("listPets: ['POST', '/pets/list/']")
})

describe('the generator stops at', () => {
  test('an operation that has no name', () => {
    expect(() => clientMethods(given, { ...names, listPets: [] })).not.toThrow()
    const { listPets: _, ...others } = names
    expect(() => clientMethods(given, others)).toThrow('listPets has no name in the SDK')
  })

  test('a type that is called as the global Error is', () => {
    const [[path, item] = ['', {}]] = Object.entries(given.document.paths ?? {})
    const answer = { '200': { description: '', content: json({ $ref: '#/components/schemas/Error' }) } }
    const paths = { [path]: { get: { ...item.get, responses: answer } } }
    expect(() => clientTypes({ document: { ...given.document, paths } })).toThrow('called Error')
  })
})
