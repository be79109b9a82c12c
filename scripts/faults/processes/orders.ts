/** What the harness says to its processes, and hears from them, over IPC. */
import type { FaultPoint } from '../../../packages/server/src/database/fault-points.js'

export interface ServiceStart {
  environment: Record<string, string>
  /** From which address of the loopback network it calls receivers, so that they can tell who calls. */
  callsFrom: string | null
}

export type ServiceOrder =
  | ({ kind: 'start' } & ServiceStart)
  /** At the `nth` time from now that the step is reached, the process ends there, or stands still for `forMs`. */
  | {
      kind: 'arm'
      id: number
      point: FaultPoint
      nth: number
      then: { kind: 'die' } | { kind: 'freeze'; forMs: number }
    }
  | { kind: 'disarm' }
  /** Its clock says so much more, or less, than it should. */
  | { kind: 'clock'; byMs: number }

export type ServiceReport =
  | { kind: 'loaded' }
  | { kind: 'started'; port: number }
  | { kind: 'failed'; error: string }
  /** Of the order with this id. */
  | { kind: 'reached'; id: number }
  | { kind: 'passed'; id: number }

export type DatabaseReport =
  | { kind: 'started'; url: string; home: string }
  | { kind: 'failed'; error: string }
  | { kind: 'log'; message: string }
