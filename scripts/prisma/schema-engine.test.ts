import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createEmptyDatabase, type TestDatabase } from '@tract/testing/postgres'
import pg from 'pg'
import { migrate } from '../../packages/server/src/database/migrations/migrate.js'
import { readDataModel, renderPrismaClient } from './generate.js'
import { prisma, ROOT } from './prisma.js'

async function tables(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  )
  await client.end()
  return rows.map(({ name }) => name)
}

describe('the stock CLI on the engine from npm', () => {
  let database: TestDatabase
  let folder: string

  beforeAll(async () => {
    database = await createEmptyDatabase()
    folder = mkdtempSync(join(tmpdir(), 'tract-engine-'))
  })

  afterAll(async () => {
    await database.drop()
    rmSync(folder, { recursive: true })
  })

  test('deploys the migrations, which the service then takes for its own', async () => {
    const { exitCode, stdout } = await prisma(['migrate', 'deploy'], database.url)
    expect(stdout).toMatch(/All migrations have been successfully applied/)
    expect(exitCode).toBe(0)
    expect(await migrate({ connectionString: database.url }, join(ROOT, 'prisma/migrations'))).toEqual([])
  })

  test('replays them in a shadow database and finds that they lead to the data model', async () => {
    const args = ['migrate', 'diff', '--from-migrations', 'prisma/migrations', '--to-schema', 'prisma', '--exit-code']
    const { exitCode, stdout } = await prisma(args, database.url)
    expect({ exitCode, stdout: stdout.trim() }).toEqual({ exitCode: 0, stdout: 'No difference detected.' })
  })

  test('fails when a script fails, in the words of the database, and leaves nothing of it', async () => {
    const file = join(folder, 'broken.sql')
    writeFileSync(file, "CREATE TABLE left_over (x text DEFAULT ';'); ALTER TABLE left_over ADD COLUMN y no_such_type;")
    const { exitCode, stderr } = await prisma(['db', 'execute', '--file', file], database.url)
    expect(exitCode).toBe(1)
    expect(await tables(database.url)).not.toContain('left_over')
    expect(stderr).toMatch(/type "no_such_type" does not exist/)
  })

  test('fails when the database cannot be reached: never a success that did nothing', async () => {
    const args = ['migrate', 'diff', '--from-empty', '--to-schema', 'prisma', '--script']
    const { exitCode, stdout, stderr } = await prisma(args, 'postgresql://nobody@127.0.0.1:1/nothing')
    expect({ exitCode, stdout: stdout.trim() }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toMatch(/Can't reach database server at `127\.0\.0\.1:1`/)
  })
})

describe('the Prisma client', () => {
  test('is rendered from the given data model alone, the same every time', async () => {
    const model = new Map([
      ['prisma/schema.prisma', (await readDataModel()).get('prisma/schema.prisma') ?? ''],
      ['prisma/thing.prisma', 'model Thing {\n  id Int @id\n}\n'],
    ])
    const [once, again] = await Promise.all([renderPrismaClient(model), renderPrismaClient(model)])
    expect([...once.keys()].filter((path) => path.includes('/models/'))).toEqual([
      'packages/server/src/generated/prisma/models/Thing.ts',
    ])
    expect([...again]).toEqual([...once])
    expect([...once.values()].join()).not.toContain(tmpdir())
  })

  test('is not rendered from a data model with an error, which is told', async () => {
    const model = await readDataModel()
    model.set('prisma/thing.prisma', 'model Thing {\n  id Nothing @id\n}\n')
    await expect(renderPrismaClient(model)).rejects.toThrow(/Type "Nothing" is neither a built-in type/)
  })
})
