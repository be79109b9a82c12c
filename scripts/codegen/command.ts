/**
 * The command: writes the files that differ. With `--check` it names them and fails; with
 * `--only <folder>` it writes one folder that the build makes and git ignores.
 */
import { load } from './load.js'
import { BUILT, COMMITTED, compare, type Difference, write } from './output.js'
import { renderBuilt, renderCommitted } from './render.js'

/**
 * @param root the top of the repository
 * @returns the exit code
 */
export async function run(root: string, args: readonly string[], print: (line: string) => void): Promise<number> {
  const [mode, folder, ...rest] = args
  if (mode === '--only') return build(root, folder, rest)
  const unknown = args.find((arg) => arg !== '--check')
  if (unknown) throw new Error(`unknown argument ${unknown}; there are --check and --only <folder>`)
  const source = await load(root)
  const files = await renderCommitted(source)
  if (mode === '--check') return check(await compare(root, files, COMMITTED), print)
  const written = await write(root, files, COMMITTED)
  for (const folder of BUILT) written.push(...(await write(root, await renderBuilt(source, folder), [folder])))
  print(written.length > 0 ? report(written) : `${files.length} generated files are up to date`)
  return 0
}

async function build(root: string, folder = '', rest: readonly string[]): Promise<number> {
  if (!BUILT.includes(folder) || rest.length > 0)
    throw new Error(`--only takes one folder of those that are built: ${BUILT.join(', ')}`)
  await write(root, await renderBuilt(await load(root), folder), [folder])
  return 0
}

function check(differences: readonly Difference[], print: (line: string) => void): number {
  if (differences.length === 0) return 0
  print(
    `${report(differences)}\nGenerated files differ from the contract: run \`npm run codegen\` and commit the result.`,
  )
  return 1
}

function report(differences: readonly Difference[]): string {
  return differences.map(({ kind, path }) => `${kind.padEnd(8)} ${path}`).join('\n')
}
