import type { Exposition } from './exposition.js'
import { Counter, Family, Histogram } from './instruments.js'

/** Seconds. Calls take milliseconds, attempts at most the five seconds of their time-out. */
const CALL_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Seconds, from chat speed to the day after which a delivery is given up. */
const LAG_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600, 21_600, 86_400]

const counted = () => new Counter()

/** What this process has done, in numbers. No label says whose it was: a metric cannot have that many series. */
export class ServiceMetrics {
  /** By sender. */
  readonly messages = new Family<string, Counter>(counted, ['ceu', 'iva', 'haptik', 'ect', 'aeu'])
  /** By type. */
  readonly events = new Family<string, Counter>(counted)
  /** By how they ended. */
  readonly ended = new Family<string, Counter>(counted, ['delivered', 'undeliverable', 'cancelled'])
  /** Results of attempts, by what they were written without. */
  readonly reduced = new Family<string, Counter>(counted, ['answer', 'ect_user_id', 'attempts'])
  /** By what came of them: `acknowledged`, or the class of the error. */
  readonly attempts = new Family<string, Counter>(counted, ['acknowledged'])
  /** From here to the answer of the receiver. */
  readonly attemptSeconds = new Histogram(CALL_SECONDS)
  /** From the acceptance of what is delivered to its acknowledgement. */
  readonly lagSeconds = new Histogram(LAG_SECONDS)
  /** Calls that were not begun, by why. */
  readonly refused = new Family<string, Counter>(counted, ['overloaded', 'too_late', 'caller_gone'])
  /** By operation. */
  readonly calls = new Family(() => ({
    seconds: new Histogram(CALL_SECONDS),
    statuses: new Family<number, Counter>(counted),
  }))

  /** A call was answered. */
  answered(operation: string, status: number, milliseconds: number): void {
    const { seconds, statuses } = this.calls.of(operation)
    seconds.observe(milliseconds / 1000)
    statuses.of(status).add()
  }

  describe(exposition: Exposition): void {
    exposition
      .counter('tract_messages_accepted_total', 'Messages accepted, repetitions left out.', by('sender', this.messages))
      .counter('tract_events_accepted_total', 'Events accepted, repetitions left out.', by('type', this.events))
      .counter('tract_calls_refused_total', 'Calls that were not begun, by why.', by('reason', this.refused))
      .counter('tract_deliveries_ended_total', 'Deliveries that have ended, by how.', by('state', this.ended))
      .counter(
        'tract_delivery_attempts_total',
        'Attempts at deliveries: acknowledged, or the class of the error.',
        by('outcome', this.attempts),
      )
      .counter(
        'tract_delivery_results_reduced_total',
        'Results of attempts written without a part that cannot be written.',
        by('part', this.reduced),
      )
      .histogram('tract_delivery_attempt_duration_seconds', 'From the start of an attempt to the end of its answer.', [
        [{}, this.attemptSeconds],
      ])
      .histogram('tract_delivery_lag_seconds', 'From the acceptance of what is delivered to its acknowledgement.', [
        [{}, this.lagSeconds],
      ])
      .counter(
        'tract_http_requests_total',
        'Calls answered, by operation and status.',
        [...this.calls].flatMap(([operation, { statuses }]) =>
          [...statuses].map(([status, { value }]) => [{ operation, status }, value] as const),
        ),
      )
      .histogram(
        'tract_http_request_duration_seconds',
        'From the arrival of a call to the end of its answer.',
        [...this.calls].map(([operation, { seconds }]) => [{ operation }, seconds] as const),
      )
  }
}

const by = (label: string, family: Family<string, Counter>) =>
  [...family].map(([name, { value }]) => [{ [label]: name }, value] as const)
