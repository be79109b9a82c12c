import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { bundle, createConfig } from '@redocly/openapi-core'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { ROOT } from '../command.js'
import type { Doc } from './lint-fixture.js'

const file = (audience: string) => join(ROOT, 'packages/server/src/generated/openapi', `${audience}.json`)
const read = (audience: string): Doc => JSON.parse(readFileSync(file(audience), 'utf8'))

mkdirSync(join(ROOT, '.artifacts'), { recursive: true })
const folder = mkdtempSync(join(ROOT, '.artifacts', 'generated-client-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const validate = (document: Doc) => new Validator().validate(document)

/** Tools that are not ours have to accept the published documents. */
describe.each(['vendor', 'platform'])('the published %s document', (audience) => {
  test('is valid OpenAPI 3.1 for a second validator', async () => {
    expect(await validate(read(audience))).toEqual({ valid: true })
  })

  test('has examples that AJV accepts', () => {
    const document = read(audience)
    const ajv = formats.default(new Ajv2020({ strict: false, allErrors: true })).addSchema(document, 'document')
    const faults = bodies(document, []).flatMap(([pointer, media]) => {
      const accepts = ajv.compile({ $ref: `document#${pointer}/schema` })
      return examplesOf(document, media).flatMap((example) => (accepts(example) ? [] : [[pointer, accepts.errors]]))
    })
    expect(faults).toEqual([])
  })

  test('gives another generator a client that compiles', () => {
    const output = join(folder, audience)
    node(
      '@hey-api/openapi-ts/bin/run.js',
      '--input',
      file(audience),
      '--output',
      output,
      '--client',
      '@hey-api/client-fetch',
      '--silent',
      '--no-log-file',
    )
    expect(existsSync(join(output, 'sdk.gen.ts'))).toBe(true)
    writeFileSync(join(output, 'usage.ts'), USAGE[audience] ?? '')
    writeFileSync(join(output, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER, include: ['.'] }))
    expect(node('ts7/bin/tsc', '--project', output)).toBe('')
  })
})

test('the sources by themselves, without what is usual, are valid OpenAPI 3.1 for a second validator', async () => {
  const config = await createConfig({ extends: [] })
  const { bundle: sources, problems } = await bundle({ ref: join(ROOT, 'openapi/tract.yaml'), config })
  expect(problems).toEqual([])
  expect(await validate(sources.parsed as Doc)).toEqual({ valid: true })
})

test('the second validator refuses a document that is wrong', async () => {
  const document = read('vendor')
  delete document.info.title
  expect(await validate(document)).toMatchObject({ valid: false })
})

const COMPILER = {
  strict: true,
  noEmit: true,
  target: 'ES2022',
  module: 'ESNext',
  moduleResolution: 'bundler',
  lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  types: [],
}

/** What a vendor would write; what must not compile is marked so, and tsc fails where it does compile. */
const USAGE: Record<string, string> = {
  vendor: `
import { getUserDetails, type OnMessageReceiveWebhookPayload, sendMessage } from './index'
export const reply = ({ user_id }: OnMessageReceiveWebhookPayload) =>
  sendMessage({ body: { user_id, message_body: 'Hello', sender: 'aeu' } })
export const details = async () => (await getUserDetails({ body: { user_id: '1', details_requested: ['mood'] } })).data?.details
// @ts-expect-error an ECT does not send as the virtual assistant
export const asTheAssistant = () => sendMessage({ body: { user_id: '1', message_body: 'Hello', sender: 'iva' } })
// @ts-expect-error message_body is missing
export const empty = () => sendMessage({ body: { user_id: '1', sender: 'ect' } })
`,
  platform: `
import { sendPlatformMessage } from './index'
export const incoming = () => sendPlatformMessage({ body: { user_id: '1', message_body: 'Hello', sender: 'ceu' } })
// @ts-expect-error the platform does not send as an agent
export const asAnAgent = () => sendPlatformMessage({ body: { user_id: '1', message_body: 'Hello', sender: 'aeu' } })
`,
}

/** Runs a program of a package; gives what it printed, also where it failed. */
function node(program: string, ...args: string[]): string {
  try {
    return execFileSync(process.execPath, [join(ROOT, 'node_modules', program), ...args], {
      cwd: folder,
      encoding: 'utf8',
    })
  } catch (error) {
    return (error as { stdout: string }).stdout || String(error)
  }
}

/** Every media type of the document that has a schema, by its pointer. */
function bodies(node: Doc, path: string[]): [string, Doc][] {
  if (node === null || typeof node !== 'object') return []
  const found = Object.entries(node).flatMap(([key, value]) => bodies(value, [...path, key]))
  const isBody = path.at(-2) === 'content' && node.schema !== undefined
  const pointer = path.map((key) => `/${encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')
  return isBody ? [[pointer, node], ...found] : found
}

function examplesOf(document: Doc, media: Doc): unknown[] {
  const several = Object.values<Doc>(media.examples ?? {}).map((example) =>
    example.$ref ? document.components.examples[example.$ref.split('/').at(-1)].value : example.value,
  )
  return media.example === undefined ? several : [media.example, ...several]
}
