import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { BUILT, COMMITTED, compare as compareIn, write as writeIn } from '../output.js'

const FILES = [
  { path: 'docs/reference/errors.md', contents: 'errors\n' },
  { path: 'packages/client/src/generated/vendor-types.ts', contents: '{}\n' },
]
const [ERRORS, VENDOR] = ['docs/reference/errors.md', 'packages/client/src/generated/vendor-types.ts']

const compare = (root: string, files: typeof FILES) => compareIn(root, files, COMMITTED)
const write = (root: string, files: typeof FILES) => writeIn(root, files, COMMITTED)

let tree: string
const put = async (path: string, contents: string) => {
  await mkdir(join(tree, path, '..'), { recursive: true })
  await writeFile(join(tree, path), contents)
}

beforeEach(async () => {
  tree = await mkdtemp(join(tmpdir(), 'tract-output-'))
})

afterEach(() => rm(tree, { recursive: true }))

describe('a comparison names', () => {
  test('what is missing', async () => {
    expect(await compare(tree, FILES)).toEqual([
      { path: ERRORS, kind: 'missing' },
      { path: VENDOR, kind: 'missing' },
    ])
  })

  test('what is changed, and what was not rendered at all', async () => {
    await write(tree, FILES)
    expect(await compare(tree, FILES)).toEqual([])
    await put(VENDOR, '{}')
    await put('packages/client/src/generated/deep/old.ts', '')
    expect(await compare(tree, FILES)).toEqual([
      { path: 'packages/client/src/generated/deep/old.ts', kind: 'extra' },
      { path: VENDOR, kind: 'changed' },
    ])
  })

  test('nothing of what the build makes for itself, and nothing else for the build', async () => {
    await write(tree, FILES)
    await put('packages/server/src/generated/prisma/models/User.ts', '')
    await put('packages/server/src/generated/openapi/old.json', '')
    expect(await compare(tree, FILES)).toEqual([])
    expect(await compareIn(tree, [], BUILT)).toEqual([
      { path: 'packages/server/src/generated/openapi/old.json', kind: 'extra' },
    ])
  })
})

describe('a run', () => {
  test('leaves what was rendered and nothing else', async () => {
    await put('prisma/generated/old.prisma', '')
    await put(ERRORS, 'old\n')
    await write(tree, FILES)
    expect(await compare(tree, FILES)).toEqual([])
    expect(await readFile(join(tree, ERRORS), 'utf8')).toBe('errors\n')
    await expect(stat(join(tree, 'prisma/generated/old.prisma'))).rejects.toThrow('ENOENT')
  })

  test('writes what differs only', async () => {
    await write(tree, FILES)
    const before = await stat(join(tree, VENDOR))
    await put(ERRORS, 'old\n')
    expect(await write(tree, FILES)).toEqual([{ path: ERRORS, kind: 'changed' }])
    expect((await stat(join(tree, VENDOR))).mtimeMs).toBe(before.mtimeMs)
  })

  test('refuses to write outside the generated folders', async () => {
    await expect(write(tree, [{ path: 'packages/server/src/main.ts', contents: '' }])).rejects.toThrow(
      'in none of the generated folders',
    )
  })
})
