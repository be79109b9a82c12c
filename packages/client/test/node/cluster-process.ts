/** Two workers of a cluster that open the same store at the same time, and what came of it: a line for each. */
import cluster from 'node:cluster'
import { fileStore } from '../../src/node/index.js'

if (cluster.isPrimary) {
  const told: unknown[] = []
  for (const worker of [cluster.fork(), cluster.fork()])
    worker.on('message', (outcome) => {
      told.push(outcome)
      if (told.length < 2) return
      console.log(told.sort().join('\n'))
      process.exit()
    })
} else {
  const outcome = await fileStore(process.argv[2] ?? '').then(
    () => 'has it',
    (error: Error) => error.name,
  )
  process.send?.(outcome)
}
