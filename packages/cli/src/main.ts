#!/usr/bin/env node
import { EXIT } from './exit.js'
import { run } from './run.js'

const controller = new AbortController()
const interruption = { signal: controller.signal, isTakenOn: false }
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // a user who asks twice does not want to wait
    if (!interruption.isTakenOn || interruption.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort()
  })
}
let outputFailed = false
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `tract deliveries list | head` has read enough
  if (error.code !== 'EPIPE' && !outputFailed) {
    outputFailed = true
    process.stderr.write(`error: The output cannot be written: ${error.message}\n`)
  }
  if (!interruption.isTakenOn) process.exit(outputFailed ? EXIT.failed : EXIT.ok)
  controller.abort()
})
// what is told where nothing listens any more is no reason to leave the work
process.stderr.on('error', () => {})

const { env, stdin, stdout, stderr } = process
const exit = await run(process.argv.slice(2), { env, stdin, stdout, stderr, interruption })
process.exitCode = exit || (outputFailed ? EXIT.failed : EXIT.ok)
stdin.unref?.()
