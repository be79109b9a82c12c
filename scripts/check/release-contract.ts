/**
 * `tsx scripts/check/release-contract.ts`: keeps the contract as it is now as the release of its `info.version`, in
 * openapi/releases/. A release is never changed again: every later contract is compared with the highest one.
 */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { stringify } from 'yaml'
import { load } from '../codegen/load.js'
import { ROOT } from './command.js'
import { compareContracts } from './contract-diff.js'
import { lintContract } from './contract-lint.js'
import { latestRelease, releasesFolder } from './releases.js'

/** How a schema is stored is no part of the contract. */
const withoutStorage = (document: object): object =>
  JSON.parse(JSON.stringify(document, (key, value) => (key === 'x-entity' ? undefined : value)))

async function release(): Promise<string> {
  const lint = await lintContract(join(ROOT, 'openapi'))
  if (!lint.ok) throw new Error(lint.output)
  const { document } = await load(ROOT)
  const { version } = document.info
  const path = join(releasesFolder(ROOT), `${version}.yaml`)
  const text = `# The contract as released with ${version}.\n${stringify(withoutStorage(document), { lineWidth: 0 })}`
  if (existsSync(path)) {
    if (readFileSync(path, 'utf8') === text) return `${version} is released as it is.`
    throw new Error(`${version} is released already and differs: raise \`info.version\` of openapi/tract.yaml.`)
  }
  const last = latestRelease(ROOT)
  const diff = last && (await compareContracts(last.document, document))
  if (diff && !diff.ok) throw new Error(diff.output)
  await mkdir(releasesFolder(ROOT), { recursive: true })
  await writeFile(path, text)
  return `Wrote ${relative(ROOT, path)}.`
}

try {
  console.log(await release())
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
