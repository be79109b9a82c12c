/** The command: writes what differs, or with `--check` says so and fails. */
import { load } from './load.js'
import { compare, type Difference, write } from './output.js'
import { render } from './render.js'

/**
 * @param root the top of the repository
 * @returns the exit code
 */
export async function run(root: string, args: readonly string[], print: (line: string) => void): Promise<number> {
  const unknown = args.find((arg) => arg !== '--check')
  if (unknown) throw new Error(`unknown argument ${unknown}; there is --check`)
  const files = await render(await load(root))
  if (!args.includes('--check')) {
    const written = await write(root, files)
    print(written.length > 0 ? report(written) : `${files.length} generated files are up to date`)
    return 0
  }
  const differences = await compare(root, files)
  if (differences.length === 0) return 0
  print(
    `${report(differences)}\nGenerated files differ from the contract: run \`npm run codegen\` and commit the result.`,
  )
  return 1
}

function report(differences: readonly Difference[]): string {
  return differences.map(({ kind, path }) => `${kind.padEnd(8)} ${path}`).join('\n')
}
