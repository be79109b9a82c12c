import type { UploadedAttachment } from '@tract/client'
import type { EndpointClient, Exchange } from './endpoint-client.js'

export type Verdict = 'passed' | 'warning' | 'failed' | 'skipped'

/** What one check found. */
export interface Finding {
  verdict: Verdict
  /** What was seen, as a sentence. */
  seen: string
  /** What to do about it; absent where all is well. */
  advice?: string
  /** The exchange that shows it; absent where there was none to show. */
  exchange?: Exchange
}

export interface Check {
  name: string
  /** What has to hold. */
  about: string
  run(endpoint: Endpoint): Promise<Finding>
}

/** TRACT's part of a file's way. */
export interface FileService {
  upload(content: Uint8Array, name: string): Promise<UploadedAttachment>
  download(id: string): Promise<Buffer>
}

/** What checks work on. */
export interface Endpoint {
  client: EndpointClient
  secret: string
  /** Another secret than the endpoint's. */
  wrongSecret: string
  /** The events that the URL is for. */
  events: readonly string[]
  conversations: number
  messages: number
  /** Where files are kept that the endpoint is told of; absent: not at all. */
  files?: FileService
  /** A user that no other run has had. */
  newUser: () => string
  /** The contract's example of an event, for a user. */
  sample: (event: string, userId: string) => Record<string, unknown>
}

export const passed = (seen: string): Finding => ({ verdict: 'passed', seen })
export const failed = (seen: string, advice: string, exchange?: Exchange): Finding => ({
  ...{ verdict: 'failed', seen, advice },
  ...(exchange && { exchange }),
})
export const warning = (seen: string, advice: string, exchange?: Exchange): Finding => ({
  ...failed(seen, advice, exchange),
  verdict: 'warning',
})
/** What was not run is told as such, with why. */
export const skipped = (seen: string): Finding => ({ verdict: 'skipped', seen })
