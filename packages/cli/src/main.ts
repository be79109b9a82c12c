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
// `tract deliveries list | head` has read enough
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (!interruption.isTakenOn) process.exit(error.code === 'EPIPE' ? 0 : 1)
  controller.abort()
})
// what is told where nothing listens any more is no reason to leave the work
process.stderr.on('error', () => {})

const { env, stdin, stdout, stderr } = process
process.exitCode = await run(process.argv.slice(2), { env, stdin, stdout, stderr, interruption })
stdin.unref?.()
