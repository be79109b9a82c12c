/** What a span says, by the names of OpenTelemetry. Nothing of a user, and no query of a URL. */
export type SpanAttributes = Record<string, string | number | boolean>

/** A span that has begun. */
export interface OpenSpan {
  /** W3C trace context: what follows from the span is its child. */
  readonly traceparent: string
  /** Null where the trace is not recorded. */
  readonly traceId: string | null
  /** @param failed the class of the error, where it is one of ours or of a receiver */
  end(attributes: SpanAttributes, failed?: string): void
}

/** Records what calls and attempts do, for a collector of traces. */
export interface Tracing {
  /**
   * @param kind `server` a call that came in, `client` an attempt that goes out
   * @param parent W3C trace context; null begins a trace
   */
  begin(name: string, kind: 'server' | 'client', parent: string | null): OpenSpan
  /** Sends what has been recorded. */
  close(): Promise<void>
}

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

export interface TraceContext {
  traceId: string
  spanId: string
  flags: number
}

/** Null where it is no W3C trace context. */
export function parseTraceparent(text: string | null | undefined): TraceContext | null {
  const [, traceId, spanId, flags] = (text && TRACEPARENT.exec(text)) || []
  return traceId && spanId && flags ? { traceId, spanId, flags: Number.parseInt(flags, 16) } : null
}

/** Is the trace recorded where it began? */
export const isSampled = (traceparent: string | null): boolean =>
  ((parseTraceparent(traceparent)?.flags ?? 0) & 1) === 1

export const formatTraceparent = ({ traceId, spanId, flags }: TraceContext): string =>
  `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`
