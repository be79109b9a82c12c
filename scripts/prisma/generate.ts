/** Renders the Prisma client of packages/server. The build runs it; git ignores what it writes. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { prisma, ROOT } from './prisma.js'

/** Contents by path from the repository's root, slashes between folders. */
export type Files = Map<string, string>

const SCHEMA = 'prisma'
/** Where the generator block of prisma/schema.prisma puts it. */
const CLIENT = 'packages/server/src/generated/prisma'

/**
 * The client of a data model. The files are written to a temporary folder with the same relative
 * paths: nothing else counts, and the client holds the text of its schema.
 */
export async function renderPrismaClient(schema: Files): Promise<Files> {
  const folder = await mkdtemp(join(tmpdir(), 'tract-prisma-'))
  try {
    await writeFiles(folder, schema)
    const { exitCode, stdout, stderr } = await prisma(['generate', '--schema', join(folder, SCHEMA), '--no-hints'])
    const files = await readFiles(folder, CLIENT, '.ts')
    if (exitCode !== 0 || files.size === 0) throw new Error(`prisma generate failed:\n${stdout}${stderr}`)
    return files
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The data model as it stands in the repository. */
export const readDataModel = (): Promise<Files> => readFiles(ROOT, SCHEMA, '.prisma')

async function writePrismaClient(files: Files): Promise<void> {
  await rm(join(ROOT, CLIENT), { recursive: true, force: true })
  await writeFiles(ROOT, files)
}

async function readFiles(root: string, folder: string, extension: string): Promise<Files> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const)),
  )
}

async function writeFiles(root: string, files: Files): Promise<void> {
  for (const [path, content] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writePrismaClient(await renderPrismaClient(await readDataModel()))
