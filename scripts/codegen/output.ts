/** The only writer: makes the generated folders equal to the rendered files, or compares them. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { GeneratedFile } from './source.js'

/** Made by the build and ignored by git: no review reads their changes. */
export const DOCUMENTS = 'packages/server/src/generated/openapi'
export const PEER_TYPES = 'scripts/codegen/test/generated'
export const BUILT: readonly string[] = [DOCUMENTS, PEER_TYPES]

/** Committed. A file in one of these that was not rendered is a leftover. */
export const COMMITTED: readonly string[] = [
  'packages/contract/src/generated',
  'packages/server/src/generated',
  'packages/client/src/generated',
  'packages/cli/src/generated',
  'packages/console/src/generated',
  'prisma/generated',
  'docs/reference',
]

/** Prisma's own generator writes it, in the build too. */
const PRISMA_CLIENT = 'packages/server/src/generated/prisma'

export interface Difference {
  path: string
  kind: 'missing' | 'extra' | 'changed'
}

/**
 * @param root the top of the repository
 * @param folders the generated folders that `files` fill: COMMITTED or BUILT
 */
export async function compare(
  root: string,
  files: readonly GeneratedFile[],
  folders: readonly string[],
): Promise<Difference[]> {
  const outside = files.find(({ path }) => !isWithin(path, folders))
  if (outside) throw new Error(`${outside.path} is in none of the generated folders`)
  const elsewhere = [PRISMA_CLIENT, ...BUILT].filter((folder) => !folders.includes(folder))
  const listed = (await Promise.all(folders.map((folder) => list(root, folder)))).flat()
  const present = listed.filter((path) => !isWithin(path, elsewhere))
  const rendered = new Set(files.map(({ path }) => path))
  const differences: Difference[] = present.flatMap((path) => (rendered.has(path) ? [] : [{ path, kind: 'extra' }]))
  for (const { path, contents } of files) {
    if (!present.includes(path)) differences.push({ path, kind: 'missing' })
    else if ((await readFile(join(root, path), 'utf8')) !== contents) differences.push({ path, kind: 'changed' })
  }
  return differences.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Writes only what differs, so that file watchers see no needless change. */
export async function write(
  root: string,
  files: readonly GeneratedFile[],
  folders: readonly string[],
): Promise<Difference[]> {
  const differences = await compare(root, files, folders)
  const contents = new Map(files.map((file) => [file.path, file.contents]))
  for (const { path, kind } of differences) {
    const target = join(root, path)
    if (kind === 'extra') await rm(target)
    else {
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, contents.get(path) ?? '')
    }
  }
  return differences
}

const isWithin = (path: string, folders: readonly string[]) => folders.some((folder) => path.startsWith(`${folder}/`))

async function list(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    },
  )
  const top = join(root, '/')
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(top.length).replaceAll('\\', '/'))
}
