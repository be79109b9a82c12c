import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * Builds these packages, or all, unless `npm test` has: a build writes its files again even where nothing has changed, under suites beside this one
 * that run what is built.
 */
export async function built(...packages: readonly string[]): Promise<void> {
  if (process.env.TRACT_TEST_BUILT) return
  const filters = packages.map((name) => `--filter=${name}`)
  const turbo = [join(ROOT, 'scripts', 'turbo.mjs'), '--quiet', 'run', 'build', ...filters]
  // the flags of jest's own process are none of its programs'
  await promisify(execFile)(process.execPath, turbo, { cwd: ROOT, env: { ...process.env, NODE_OPTIONS: '' } })
}
