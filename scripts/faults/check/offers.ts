import type { OfferAnswer, Receipt } from '../history/history.js'
import { grouped, laneName, type Violation, wrong } from './violation.js'

const CONTROL = 'thread_control/'
const ENDS = ['accepted', 'declined', 'expired', 'withdrawn'] as const

/**
 * The observer hears of every offer, in the order in which it happened. The offerer hears how it ended, and the
 * listener that was asked that it was, and that it is not any more.
 */
export function checkOffers(answers: readonly OfferAnswer[], receipts: readonly Receipt[]): Violation[] {
  const control = receipts.filter(({ hook }) => hook.startsWith(CONTROL))
  const told = new Set(control.map((receipt) => `${laneName(receipt)} ${receipt.hook} ${receipt.offer}`))
  const observed = control.filter(({ listener }) => listener === 'observer')
  const endings = new Map<string, string>()
  /** What had ended when control went to the desk, by a pass or another offer. */
  const passed = new Set<string>()
  return [
    ...[...grouped(observed, ({ user }) => user)].flatMap(([user, theirs]) =>
      checkUser(user, theirs, { told, endings, passed }),
    ),
    ...answers.flatMap((answer) => checkAnswer(answer, endings, passed)),
  ]
}

function checkUser(
  user: string,
  receipts: readonly Receipt[],
  { told, endings, passed }: { told: ReadonlySet<string>; endings: Map<string, string>; passed: Set<string> },
): Violation[] {
  const violations: Violation[] = []
  const complain = (text: string) => violations.push(wrong('offer', `${user}: ${text}`))
  const inOrder = new Map([...receipts].sort((one, other) => one.sequence - other.sequence).map((one) => [one.id, one]))
  let standing: number | null = null
  const ended: string[] = []
  for (const { hook, offer: number, to, reason } of inOrder.values()) {
    const what = hook.slice(CONTROL.length)
    if (what === 'assigned' && standing !== null) complain(`control changed while offer ${standing} stood`)
    if (what === 'assigned' && reason !== null) for (const name of ended) passed.add(name)
    if (number === null) continue
    if (what === 'offered') {
      if (standing !== null) complain(`offer ${number} was made while ${standing} stood`)
      standing = number
    } else {
      if (standing !== number) complain(`offer ${number} was ${what}, while ${standing ?? 'none'} stood`)
      standing = null
      endings.set(`${user} ${number}`, what)
      ended.push(`${user} ${number}`)
    }
    for (const listener of hearersOf(what, to ?? ''))
      if (!told.has(`${listener}/${user} ${hook} ${number}`))
        complain(`${listener} was not told that ${number} was ${what}`)
  }
  if (standing !== null) complain(`offer ${standing} never ended`)
  return violations
}

/** The assistant withdraws by itself, and does not hear of that. */
function hearersOf(what: string, asked: string): string[] {
  if (what === 'offered') return [asked]
  return [...(what === 'withdrawn' ? [] : ['iva']), ...(what === 'expired' || what === 'withdrawn' ? [asked] : [])]
}

/** Who was given control by then accepts what is its own already, however the offer ended. */
function checkAnswer(
  { user, number, answer, isTaken }: OfferAnswer,
  endings: ReadonlyMap<string, string>,
  passed: ReadonlySet<string>,
): Violation[] {
  const ending = endings.get(`${user} ${number}`) ?? 'none of these'
  const isRight = isTaken
    ? ending === answer || (answer === 'accepted' && passed.has(`${user} ${number}`))
    : ending !== answer
  const said = `the desk ${answer} offer ${number} and was ${isTaken ? 'heard' : 'refused'}`
  return isRight ? [] : [wrong('offer', `${user}: ${said}; of ${ENDS.join(', ')} it was ${ending}`)]
}
