/**
 * `npm run prisma:migration -- <name>`: writes the difference between migrations and data model as
 * the next migration, to be read and completed by hand.
 *
 * `prisma migrate dev` cannot do it: the WebAssembly engine gives it no shadow database, and
 * forgets there that indexes with predicates are enabled.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withEmptyServer } from './empty-server.js'
import { prisma, ROOT } from './prisma.js'

const name = process.argv[2]
if (!name || !/^[a-z][a-z0-9_]*$/.test(name)) throw new Error('usage: npm run prisma:migration -- <name_in_snake_case>')

const folder = join(ROOT, 'prisma/migrations', `${new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14)}_${name}`)
const args = ['--from-migrations', 'prisma/migrations', '--to-schema', 'prisma', '--script', '--exit-code']
const { exitCode, stdout, stderr } = await withEmptyServer((url) => prisma(['migrate', 'diff', ...args], url))
if (exitCode === 0) console.log('The migrations and the data model agree: nothing to write.')
else if (exitCode !== 2) throw new Error(stderr || stdout)
else {
  await mkdir(folder)
  await writeFile(join(folder, 'migration.sql'), stdout)
  console.log(`${folder}/migration.sql: read it, and add what the data model cannot say.`)
}
