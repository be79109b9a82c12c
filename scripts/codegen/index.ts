/** `npm run codegen` renders everything that follows from the contract; with `--check` it only says what would change. */
import { fileURLToPath } from 'node:url'
import { run } from './command.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

process.exitCode = await run(root, process.argv.slice(2), console.log).catch((error: Error) => {
  console.error(`codegen: ${error.message}`)
  return 1
})
