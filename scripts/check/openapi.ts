/**
 * `npm run lint:openapi`: is the contract sound (`lint`), and does its version say what changed since the last release
 * (`diff`)? With one of the two as an argument, only that.
 */
import { join } from 'node:path'
import { load } from '../codegen/load.js'
import { ROOT } from './command.js'
import { compareContracts } from './contract-diff.js'
import { lintContract } from './contract-lint.js'
import { latestRelease } from './releases.js'

async function diff(): Promise<{ ok: boolean; output: string }> {
  const release = latestRelease(ROOT)
  if (!release) return { ok: true, output: 'Nothing has been released yet, so that there is nothing to compare with.' }
  const { document } = await load(ROOT)
  const { ok, output } = await compareContracts(release.document, document)
  return { ok, output: `Changes since ${release.version}:\n\n${output}` }
}

const checks = {
  lint: () => lintContract(join(ROOT, 'openapi')),
  diff,
}

const wanted = process.argv.slice(2)
for (const [name, check] of Object.entries(checks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const { ok, output } = await check()
  console.log(output)
  if (!ok) process.exitCode = 1
}
