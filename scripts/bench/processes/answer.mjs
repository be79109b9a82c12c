/** The child's side of processes.ts: calls come in over IPC, and results go back. */
import { Session } from 'node:inspector/promises'

const PROFILE_EVERY_US = 500

/** @param {Record<string, (argument: any) => unknown>} methods */
export function answer(methods) {
  const all = { cpu, startProfile, endProfile, ...methods }
  process.on('message', async ({ id, method, argument }) => {
    try {
      process.send({ id, result: await all[method](argument) })
    } catch (error) {
      process.send({ id, error: error?.stack ?? String(error) })
    }
  })
  // The parent disconnects to end this process. A terminal's Ctrl-C reaches the parent as well.
  process.on('disconnect', () => process.exit(0))
  process.on('SIGINT', () => {})
  process.send({ ready: true })
}

/** Microseconds for which this process has kept a core busy so far, its threads included. */
function cpu() {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Milliseconds by the machine's monotonic clock: the same in every process, to the microsecond. */
export const clock = () => Number(process.hrtime.bigint() / 1000n) / 1000

let profiler

async function startProfile() {
  profiler = new Session()
  profiler.connect()
  await profiler.post('Profiler.enable')
  await profiler.post('Profiler.setSamplingInterval', { interval: PROFILE_EVERY_US })
  await profiler.post('Profiler.start')
}

async function endProfile() {
  const { profile } = await profiler.post('Profiler.stop')
  return profile
}
