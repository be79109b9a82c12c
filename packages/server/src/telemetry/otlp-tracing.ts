import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { v7 as uuidv7 } from 'uuid'
import { formatTraceparent, type OpenSpan, parseTraceparent, type SpanAttributes, type Tracing } from './tracing.js'

/** Milliseconds for a collector's answer; a service that stops waits no longer either. */
const EXPORT_TIMEOUT_MS = 3_000
const EXPORT_PAUSE_MS = 1_000
/** Milliseconds between two lines about a collector that is gone. */
const COMPLAINT_PAUSE_MS = 60_000

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT }

export interface OtlpOptions {
  /** Where a collector takes OTLP over HTTP, such as http://localhost:4318. */
  endpoint: string
  /** The part of all traces that is recorded, 0 to 1. */
  sample: number
  version: string
  onError: (error: Error) => void
}

/** Sends spans to a collector, as OTLP over HTTP. */
export class OtlpTracing implements Tracing {
  readonly #provider: TracerProvider
  readonly #tracer: Tracer

  constructor({ endpoint, sample, version, onError }: OtlpOptions) {
    // By the trace's id: every process decides alike, and a caller cannot have all of its calls recorded, only none.
    const byId = new TraceIdRatioBasedSampler(sample)
    const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: EXPORT_TIMEOUT_MS })
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({
        'service.name': 'tract',
        'service.version': version,
        'service.instance.id': uuidv7(),
      }),
      sampler: new ParentBasedSampler({ root: byId, remoteParentSampled: byId }),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: complaining(exporter, onError),
          scheduledDelayMillis: EXPORT_PAUSE_MS,
          exportTimeoutMillis: EXPORT_TIMEOUT_MS,
        }),
      ],
    })
    this.#tracer = this.#provider.getTracer('tract', version)
  }

  begin(name: string, kind: 'server' | 'client', parent: string | null): OpenSpan {
    const from = parseTraceparent(parent)
    const context = from
      ? trace.setSpanContext(ROOT_CONTEXT, {
          traceId: from.traceId,
          spanId: from.spanId,
          traceFlags: from.flags,
          isRemote: true,
        })
      : ROOT_CONTEXT
    return new RecordedSpan(this.#tracer.startSpan(name, { kind: KINDS[kind] }, context))
  }

  async close(): Promise<void> {
    await this.#provider.shutdown().catch(() => {})
  }
}

class RecordedSpan implements OpenSpan {
  readonly #span: Span
  readonly traceparent: string
  readonly traceId: string | null

  constructor(span: Span) {
    this.#span = span
    const { traceId, spanId, traceFlags } = span.spanContext()
    this.traceparent = formatTraceparent({ traceId, spanId, flags: traceFlags })
    this.traceId = span.isRecording() ? traceId : null
  }

  end(attributes: SpanAttributes, failed?: string): void {
    if (this.traceId === null) return
    this.#span.setAttributes(attributes)
    if (failed !== undefined) this.#span.setAttribute('error.type', failed).setStatus({ code: SpanStatusCode.ERROR })
    this.#span.end()
  }
}

/** Says that spans are being lost; the library keeps it to itself. */
function complaining(exporter: SpanExporter, onError: (error: Error) => void): SpanExporter {
  let complainedAt = Number.NEGATIVE_INFINITY
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const now = performance.now()
        if (result.code !== 0 && now - complainedAt >= COMPLAINT_PAUSE_MS) {
          complainedAt = now
          onError(result.error ?? new Error('The collector did not take them.'))
        }
        done(result)
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  }
}
