/**
 * Runs turbo without its telemetry, which wants another network than the package registry. `--quiet` keeps what it prints back unless it
 * fails, and says only that it builds: whoever starts the service wants to read what the service says.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const words = process.argv.slice(2)
const quiet = words[0] === '--quiet'
const turbo = createRequire(import.meta.url).resolve('turbo/bin/turbo')
if (quiet) console.log('Building what has changed …')
const { status, stdout, stderr } = spawnSync(process.execPath, [turbo, ...(quiet ? words.slice(1) : words)], {
  stdio: quiet ? 'pipe' : 'inherit',
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
})
if (quiet && status !== 0) {
  process.stdout.write(stdout)
  process.stderr.write(stderr)
}
process.exit(status ?? 1)
