/** What the harness tells its processes, and what they report, over IPC. */
import type { FaultPoint } from '../../../packages/server/src/database/fault-points.js'

export interface ServiceStart {
  environment: Record<string, string>
  /** The loopback address from which it calls receivers, so that they know which process calls. */
  callsFrom: string | null
}

export type ServiceOrder =
  | ({ kind: 'start' } & ServiceStart)
  /** When it reaches the step for the `nth` time, the process dies or stands still. */
  | {
      kind: 'arm'
      id: number
      point: FaultPoint
      nth: number
      then: { kind: 'die' } | { kind: 'freeze'; forMs: number }
    }
  | { kind: 'disarm' }
  /** Its clock is wrong by that much. */
  | { kind: 'clock'; byMs: number }

export type ServiceReport =
  | { kind: 'loaded' }
  | { kind: 'started'; port: number }
  | { kind: 'failed'; error: string }
  /** Of the order with this id. */
  | { kind: 'reached'; id: number }
  | { kind: 'passed'; id: number }

export type DatabaseReport = { kind: 'started'; url: string; home: string }
