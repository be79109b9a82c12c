#!/usr/bin/env node
import { run } from './run.js'

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // whoever asks twice does not want to wait
    if (interrupted.signal.aborted) process.exit(130)
    interrupted.abort()
  })
}
// `tract deliveries list | head` has read enough
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const { env, stdin, stdout, stderr } = process
process.exitCode = await run(process.argv.slice(2), { env, stdin, stdout, stderr, interrupted: interrupted.signal })
stdin.unref?.()
