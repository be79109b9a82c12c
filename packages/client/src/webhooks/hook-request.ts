/** What the receiver takes and gives: an adapter joins it to a web server. */
import type { BodyLimits } from './body.js'

export interface HookRequest {
  method: string | undefined
  /** Gives a header by its name in lower case. */
  header(name: string): string | undefined
  /** Called at most once, and only where the headers are worth it. */
  readBody(limits: BodyLimits): Promise<Uint8Array>
}

export interface HookAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

export type Receive = (request: HookRequest) => Promise<HookAnswer>
