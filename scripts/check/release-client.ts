/**
 * `tsx scripts/check/release-client.ts`: keeps the public type tests of the client as they are now as those of its version: every later
 * build has to pass them. With `--check`, as before publishing, it only says what is missing.
 */
import { existsSync } from 'node:fs'
import { cp, readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { major } from 'semver'
import { load } from '../codegen/load.js'
import { contractIdentity } from '../codegen/targets/contract.js'
import { ROOT } from './command.js'
import { latestRelease } from './releases.js'

const CLIENT = join('packages', 'client')

/** What ties a version of the client to a contract; each line is something that does not hold. */
export function untied(clientVersion: string, contractVersion: string, released: string | undefined): string[] {
  return [
    ...(major(clientVersion) === major(contractVersion)
      ? []
      : [
          `The client is ${clientVersion} and the contract ${contractVersion}: their first numbers have to be the same.`,
        ]),
    ...(released === contractVersion
      ? []
      : [
          `The contract ${contractVersion} is not released: \`npx tsx scripts/check/release-contract.ts\` comes first.`,
        ]),
  ]
}

/** @returns what was done, or what is missing */
export async function keepTypes(root: string, version: string, check: boolean): Promise<{ ok: boolean; text: string }> {
  const types = join(root, CLIENT, 'test', 'types')
  const [current, kept] = [join(types, 'current'), join(types, 'released', version)]
  const shown = relative(root, kept)
  if (existsSync(kept)) {
    const same = isDeepStrictEqual(await contents(current), await contents(kept))
    const text = same ? `${shown} is as it is.` : `${shown} differs from the present type tests: raise the version.`
    return { ok: same, text }
  }
  if (check) return { ok: false, text: `${shown} is missing: \`npx tsx scripts/check/release-client.ts\` writes it.` }
  await cp(current, kept, { recursive: true })
  return { ok: true, text: `Wrote ${shown}.` }
}

async function contents(folder: string): Promise<[string, string][]> {
  const names = (await readdir(folder)).sort()
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as [string, string]))
}

async function main(check: boolean): Promise<void> {
  const { version } = JSON.parse(await readFile(join(ROOT, CLIENT, 'package.json'), 'utf8')) as { version: string }
  const source = await load(ROOT)
  const generated = await readFile(join(ROOT, CLIENT, 'src', 'generated', 'contract.ts'), 'utf8')
  const problems = untied(version, source.document.info.version, latestRelease(ROOT)?.version)
  if (!generated.endsWith(contractIdentity(source)))
    problems.push('The client is of another contract: `npm run codegen`.')
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const { ok, text } = await keepTypes(ROOT, version, check)
  if (!ok) throw new Error(text)
  console.log(text)
}

if (process.argv[1] === import.meta.filename) {
  await main(process.argv.includes('--check')).catch((error: Error) => {
    console.error(error.message)
    process.exitCode = 1
  })
}
