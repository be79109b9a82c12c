/** `npm run codegen` writes what follows from the contract; `--check` names what would change. */
import { fileURLToPath } from 'node:url'
import { run } from './command.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

process.exitCode = await run(root, process.argv.slice(2), console.log).catch((error: Error) => {
  console.error(`codegen: ${error.message}`)
  return 1
})
