/**
 * `npm run prisma -- <arguments>`: Prisma's CLI. Without DATABASE_URL it gets an empty server,
 * which is enough for validate, format and migrate diff.
 */
import { withEmptyServer } from './empty-server.js'
import { prisma } from './prisma.js'

const args = process.argv.slice(2)
const run = (databaseUrl: string) => prisma(args, databaseUrl, true)
const { exitCode } = await (process.env.DATABASE_URL ? run(process.env.DATABASE_URL) : withEmptyServer(run))
process.exitCode = exitCode
