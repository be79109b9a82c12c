import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { BenchProcess } from '../processes.js'

const FOLDER = fileURLToPath(new URL('../processes', import.meta.url))

/** What stands in no process of its own, and what is of packages that only a benchmark installs. */
const NOT_BY_ITSELF = /^(answer|delivery|http-stream|of-server|poster)\b|operation|serve\.mjs|queues|clients/

const names = (readdirSync(FOLDER, { recursive: true }) as string[])
  .filter((path) => statSync(join(FOLDER, path)).isFile() && !NOT_BY_ITSELF.test(path))
  .map((path) => relative('.', path).replace(/\.mjs$/, ''))
  .filter((name) => !/fastify-openapi-glue|openapi-backend|express-openapi-validator/.test(name))

test.each(names)('%s starts', async (name) => {
  const process = await BenchProcess.start(name)
  expect(await process.cpu()).toBeGreaterThan(0)
  await process.stop()
})
