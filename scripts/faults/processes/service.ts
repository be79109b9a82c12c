/** The whole service, which dies, stands still or has a wrong clock when it is told to. */
import type { AddressInfo } from 'node:net'
import { readConfig } from '../../../packages/server/src/config.js'
import { type FaultPoint, onFaultPoint } from '../../../packages/server/src/database/fault-points.js'
import { type Service, startService } from '../../../packages/server/src/service.js'
import { QUICK, RETENTION, STRAY_FILES } from '../settings.js'
import { callFrom } from './calls-from.js'
import { setClockWrongBy } from './clock.js' // before everything that reads the clock
import type { ServiceOrder, ServiceReport, ServiceStart } from './orders.js'

let service: Service | undefined
let armed: Extract<ServiceOrder, { kind: 'arm' }> | undefined

const report = (what: ServiceReport) => process.send?.(what)

onFaultPoint((point: FaultPoint) => {
  if (armed?.point !== point || --armed.nth > 0) return
  const { id, then } = armed
  armed = undefined
  report({ kind: 'reached', id })
  if (then.kind === 'die') process.kill(process.pid, 'SIGKILL')
  else {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, then.forMs)
    report({ kind: 'passed', id })
  }
})

async function start({ environment, callsFrom }: ServiceStart): Promise<void> {
  if (callsFrom !== null) callFrom(callsFrom)
  try {
    service = await startService(readConfig(environment), {
      notice: console.log,
      delivery: QUICK,
      retention: RETENTION,
      strayFiles: STRAY_FILES,
    })
    report({ kind: 'started', port: (service.app.server.address() as AddressInfo).port })
  } catch (error) {
    report({ kind: 'failed', error: String(error) })
    process.exit(1)
  }
}

process.on('message', (order: ServiceOrder) => {
  switch (order.kind) {
    case 'start':
      void start(order)
      break
    case 'arm':
      armed = order
      break
    case 'disarm':
      armed = undefined
      break
    case 'clock':
      setClockWrongBy(order.byMs)
  }
})
process.on('SIGTERM', () => {
  service?.close().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
// Ctrl-C is for the harness, which ends its processes itself; without it, they end.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit(1))
report({ kind: 'loaded' })
