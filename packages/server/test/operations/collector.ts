/** A collector of traces that takes OTLP over HTTP as JSON, and keeps every span it is sent. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { until } from '@tract/testing/until'

export interface CollectedSpan {
  name: string
  traceId: string
  spanId: string
  /** Undefined for the first of a trace. */
  parentSpanId: string | undefined
  kind: 'server' | 'client' | 'other'
  failed: boolean
  attributes: Record<string, unknown>
  /** Of who sent it. */
  resource: Record<string, unknown>
  startedAt: bigint
  endedAt: bigint
}

// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
type Json = any

const KINDS: Record<number, CollectedSpan['kind']> = { 2: 'server', 3: 'client' }
const FAILED = 2

export class Collector {
  readonly spans: CollectedSpan[] = []
  /** What it answers; a collector that is overwhelmed says 503. */
  status = 200
  requests = 0
  readonly #server: Server

  private constructor() {
    this.#server = createServer(async (request, response) => {
      this.requests++
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const right = request.url === '/v1/traces' && request.headers['content-type'] === 'application/json'
      if (right && this.status === 200) this.#take(JSON.parse(Buffer.concat(chunks).toString()))
      response.writeHead(right ? this.status : 404, { 'content-type': 'application/json' }).end('{}')
    })
  }

  static async start(): Promise<Collector> {
    const collector = new Collector()
    await new Promise<void>((resolve) => collector.#server.listen(0, '127.0.0.1', resolve))
    return collector
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Waits for this many spans of a trace. */
  async trace(traceId: string, count: number): Promise<CollectedSpan[]> {
    const found = () => this.spans.filter((span) => span.traceId === traceId)
    await until(() => found().length >= count, `${count} spans of the trace`)
    return found()
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #take({ resourceSpans }: Json): void {
    for (const { resource, scopeSpans } of resourceSpans)
      for (const { spans } of scopeSpans)
        for (const span of spans)
          this.spans.push({
            name: span.name,
            traceId: span.traceId,
            spanId: span.spanId,
            parentSpanId: span.parentSpanId,
            kind: KINDS[span.kind] ?? 'other',
            failed: span.status?.code === FAILED,
            attributes: valuesOf(span.attributes),
            resource: valuesOf(resource.attributes),
            startedAt: BigInt(span.startTimeUnixNano),
            endedAt: BigInt(span.endTimeUnixNano),
          })
  }
}

const valuesOf = (attributes: Json[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
