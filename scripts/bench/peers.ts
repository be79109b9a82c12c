/** What TRACT is compared with has a package.json of its own, so that nobody installs it who does not measure. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { execute, ROOT } from '../check/command.js'

const FOLDER = 'scripts/bench'

/** Installs it, unless it was installed since its lock file last changed. */
export async function installPeers(): Promise<void> {
  if (changedAt('node_modules/.package-lock.json') >= changedAt('package-lock.json')) return
  process.stderr.write('Installing what is compared with …\n')
  const { ok, output } = await execute({ run: ['npm', 'ci', '--prefix', FOLDER, '--no-audit', '--no-fund'] })
  if (!ok) throw new Error(`npm ci in ${FOLDER} failed:\n${output}`)
}

const changedAt = (file: string): number => statSync(join(ROOT, FOLDER, file), { throwIfNoEntry: false })?.mtimeMs ?? 0
