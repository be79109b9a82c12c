/** The command over the real contract: what it writes, and what `--check` finds. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { run } from '../command.js'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const ERRORS = 'packages/contract/src/generated/errors.ts'

let tree: string
const lines: string[] = []
const codegen = (...args: string[]) => {
  lines.length = 0
  return run(tree, args, (line) => lines.push(line))
}

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'tract-codegen-'))
  await cp(join(repository, 'openapi'), join(tree, 'openapi'), { recursive: true })
  await mkdir(join(tree, 'prisma'))
  await cp(join(repository, 'prisma/extensions.yaml'), join(tree, 'prisma/extensions.yaml'))
})

afterAll(() => rm(tree, { recursive: true }))

test('what is committed follows from the contract', async () => {
  expect(await run(repository, ['--check'], (line) => lines.push(line))).toBe(0)
  expect(lines).toEqual([])
})

test('a run writes everything, and a check then names what was touched and the command that mends it', async () => {
  expect(await codegen()).toBe(0)
  expect(lines.join('\n')).toContain(`missing  ${ERRORS}`)
  expect(await codegen('--check')).toBe(0)
  expect(lines).toEqual([])
  await writeFile(join(tree, ERRORS), '')
  expect(await codegen('--check')).toBe(1)
  expect(lines).toEqual([
    `changed  ${ERRORS}\nGenerated files differ from the contract: run \`npm run codegen\` and commit the result.`,
  ])
})

test('the build writes the one folder that it needs', async () => {
  const documents = 'packages/server/src/generated/openapi'
  await rm(join(tree, documents), { recursive: true, force: true })
  expect(await codegen('--only', documents)).toBe(0)
  const vendor = JSON.parse(await readFile(join(tree, documents, 'vendor.json'), 'utf8'))
  expect(vendor.openapi).toBe('3.1.0')
  await expect(codegen('--only', 'docs/reference')).rejects.toThrow('--only takes one folder of those that are built')
})

test('a document that cannot be read says where', async () => {
  const path = join(tree, 'openapi/schemas/basics.yaml')
  await writeFile(path, `${await readFile(path, 'utf8')}\nBroken: [`)
  await expect(codegen('--check')).rejects.toThrow('basics.yaml')
})

test('an unknown argument is refused', async () => {
  await expect(codegen('--chekc')).rejects.toThrow('unknown argument --chekc')
})
