import type { Availability, Control, Receipt, Span } from '../history/history.js'
import { grouped, type Violation, wrong } from './violation.js'

/**
 * While the desk is closed from before a call until after its answer, the call gives it nothing; while it is open, the
 * call is not refused for that. A pass that met what another one had done is a success too.
 */
export function checkClosed(
  controls: readonly Control[],
  availability: readonly Availability[],
  receipts: readonly Receipt[],
): Violation[] {
  const passes = receipts.filter(({ hook, reason }) => hook === 'thread_control/assigned' && reason === 'passed')
  const made = new Set([
    ...passes.map(({ user, epoch }) => `${user} pass ${epoch}`),
    ...receipts
      .filter(({ hook, to }) => hook === 'thread_control/offered' && to === 'desk')
      .map(({ user, offer }) => `${user} offer ${offer}`),
  ])
  const granted = controls.filter((control) => control.granted !== null && made.has(nameOf(control)))
  const refused = controls.filter(({ code }) => code === 'receiver_closed')
  const during = (isOpen: boolean) => (span: Span) => isWithin(span, availability, isOpen)
  return [
    ...[...grouped(granted, nameOf)].flatMap(([name, calls]) =>
      calls.every(during(false)) ? [wrong('closed', `${name} was granted while the desk was closed`)] : [],
    ),
    ...refused
      .filter(during(true))
      .map((control) =>
        wrong('refusal', `${control.user}: ${control.kind} was refused as closed while the desk was open`),
      ),
  ]
}

const nameOf = ({ user, kind, granted }: Control) => `${user} ${kind} ${granted}`

function isWithin({ startedAt, answeredAt }: Span, availability: readonly Availability[], isOpen: boolean): boolean {
  const index = availability.findLastIndex((said) => said.startedAt < answeredAt)
  const said = availability[index]
  return said !== undefined && said.isOpen === isOpen && said.answeredAt <= startedAt
}
