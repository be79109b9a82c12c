/** What the assistant of the sandbox says: one of each kind of element that a conversation is made of. */
import {
  type AvailabilityState,
  buttons,
  carousel,
  carouselItem,
  form,
  type HslElement,
  image,
  link,
  quickReply,
  replyButton,
  text,
} from '@tract/client'
import { DESK_WORDS, moment } from './desk-words.js'

/** A listener that a person may answer at. */
export interface Desk {
  id: string
  name: string
  availability?: AvailabilityState
}

const PLANS = [
  { name: 'Start', price: '199 rupees', about: '1 GB a day for 28 days' },
  { name: 'More', price: '499 rupees', about: '2 GB a day for 56 days' },
  { name: 'Family', price: '999 rupees', about: '100 GB for four phones' },
]

const PERSON = quickReply('Talk to a person', { gogo_message: 'intent: person' })

const MAIN_MENU = replyButton('Main menu')

const menu = (greeting: string): HslElement =>
  text(greeting, [
    quickReply('Show me plans'),
    quickReply('Where is the store?'),
    quickReply('Call me back'),
    quickReply('Useful links'),
    quickReply('Is a person there?'),
    PERSON,
  ])

const plans = (pictures: string) =>
  carousel(
    PLANS.map(({ name, price, about }) =>
      carouselItem(`${pictures}/plan-${name.toLowerCase()}.svg`, {
        title: name,
        sub_title: price,
        description: about,
        actionables: [replyButton(`Choose ${name}`)],
      }),
    ),
    { text: 'These are our plans.' },
  )

const store = (pictures: string) => image(`${pictures}/store.svg`, { text: 'Our store is at 12 Park Street.' })

const callBack = form(
  'When may we call you?',
  [
    { key: 'name', hint: 'Your name', keyboard_type: 'default' },
    { key: 'phone', hint: 'Phone number', keyboard_type: 'phone-pad' },
    { key: 'time', type: 'picker', hint: 'Time of day', options: ['Morning', 'Afternoon', 'Evening'] },
  ],
  'We call from 9 to 19.',
)

const links = (site: string) =>
  buttons('This may help.', [link('Read the API', `${site}/docs`), replyButton('Show me plans'), MAIN_MENU])

/** Whom to ask, where there is no one choice. */
export function whichDesk(names: readonly string[]): HslElement {
  if (names.length === 0) return menu('No desk is there. Can I help you?')
  return text(
    'Who shall help you?',
    names.map((name) => quickReply(`Talk to ${name}`)),
  )
}

/** What each desk says of itself, and how to try the other states. */
export function whoIsThere(desks: readonly Desk[]): HslElement {
  if (desks.length === 0) return whichDesk([])
  const states = desks.map(({ name, availability }) => `${name} is ${stateOf(availability)}.`)
  const tries = Object.values(DESK_WORDS).map((words) => quickReply(words))
  return text(`${states.join('\n')}\nThis is a sandbox: how shall its desk be?`, [...tries, PERSON])
}

function stateOf({ status, waiting, reopens_at }: AvailabilityState = { status: 'open' }): string {
  if (status === 'busy') return `busy, and ${waiting ?? 'some'} wait`
  if (status === 'closed') return reopens_at === undefined ? 'closed' : `closed until ${moment(reopens_at)}`
  return 'open'
}

/** The desk's user said how it shall be. */
export const deskIsToldTo = (said: string): HslElement =>
  text(`For ten minutes, then: ${said.toLowerCase()}. Ask for a person now, and see what happens.`, [
    PERSON,
    quickReply('Is a person there?'),
  ])

/** The desk is not open, and the user may wait for it. */
export const closedDesk = ({ name }: Desk, reopensAt: string | undefined): HslElement =>
  text(`${name} is closed${reopensAt === undefined ? '' : `, and opens again at ${moment(reopensAt)}`}.`, [
    quickReply(`Wait at ${name}`),
    quickReply('Main menu'),
  ])

/** The desk was asked in vain. */
export const inVain = (why: string): HslElement => text(`${why} Can I help you?`, [PERSON, quickReply('Main menu')])

/** The answer to what the user wrote; undefined: a person is wanted. */
export function replyTo(said: string, site: string): HslElement | undefined {
  const pictures = `${site}/console/sandbox`
  const [, chosen] = /^choose (\w+)$/i.exec(said) ?? []
  const plan = PLANS.find(({ name }) => name.toLowerCase() === chosen?.toLowerCase())
  if (plan) return menu(`The plan ${plan.name} is yours for ${plan.price}. What else?`)
  if (/\b(person|human|agent|talk to|wait at)\b/i.test(said)) return undefined
  if (/^your name:/im.test(said)) return menu('Thank you, we will call. What else?')
  if (/\b(plans?|offers?)\b/i.test(said)) return plans(pictures)
  if (/\b(store|photo|picture)\b/i.test(said)) return store(pictures)
  if (/\bcall\b/i.test(said)) return callBack
  if (/\b(links?|help)\b/i.test(said)) return links(site)
  return menu('Hello! What can I do for you?')
}
