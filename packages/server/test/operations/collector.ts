/** A collector of traces that takes OTLP over HTTP as JSON, and keeps every span it is sent. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { LoopbackServer } from '@tract/testing/listen'
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

export class Collector extends LoopbackServer {
  readonly spans: CollectedSpan[] = []
  /** What it answers; a collector that is overwhelmed says 503. */
  status = 200
  requests = 0

  static start(): Promise<Collector> {
    return new Collector().listen()
  }

  protected async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++
    const text = Buffer.concat(await request.toArray()).toString()
    const right = request.url === '/v1/traces' && request.headers['content-type'] === 'application/json'
    if (right && this.status === 200) this.#take(JSON.parse(text))
    response.writeHead(right ? this.status : 404, { 'content-type': 'application/json' }).end('{}')
  }

  /** Waits for this many spans of a trace. */
  async trace(traceId: string, count: number): Promise<CollectedSpan[]> {
    const found = () => this.spans.filter((span) => span.traceId === traceId)
    await until(() => found().length >= count, `${count} spans of the trace`)
    return found()
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
