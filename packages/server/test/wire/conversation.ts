/** One conversation, step by step the same: every party that there is, and calls of vendors and of the platform. */
import type { TestService } from '@tract/testing/service'
import { Parties } from './parties.js'

const QUICK_REPLY = { message: 'Prepaid', gogo_message: '{prepaid}' }
const QUESTION = {
  type: 'TEXT',
  text: 'Which plan? ☎',
  data: { quick_replies: [{ actionable_text: 'Prepaid', is_default: 0, type: 'TEXT_ONLY', payload: QUICK_REPLY }] },
}

/** @returns its recording */
export async function play(service: TestService): Promise<string> {
  const parties = new Parties(service)
  const steps = [firstConversation, refusals, control, deliveries, streams, endOfTime, views, structured, corrections]
  try {
    await parties.setUp()
    for (const step of steps) await step(parties)
    parties.recordHooks()
    return parties.recorder.toString()
  } finally {
    await parties.close()
  }
}

async function firstConversation(parties: Parties): Promise<void> {
  parties.recorder.heading('From the user to the assistant, to the desk, and to the end')
  const user = {
    third_party_user_id: '+49 123 45',
    user_name: 'Asha',
    device_platform: 'WhatsApp',
    details: { age: 31, plan: null },
  }
  await parties.write('asha', 'My bill is "wrong" – 10.50 €', user)
  await parties.settled() // what create_user is answered with is known from here on
  await parties.call('iva', '/platform/message/send/', {
    user_id: 'asha',
    sender: 'iva',
    message_body: JSON.stringify(QUESTION),
    metadata: { score: 0.5 },
  })
  await parties.write('asha', 'Prepaid')
  await parties.settled()
  await parties.control('iva', 'pass', 'iva', 'desk', 'asha')
  await parties.settled()
  await parties.call('desk', '/tract/user/', { user_id: 'asha', details_requested: ['age', 'plan', 'other'] })
  await parties.event('desk', 'asha', 'aeu_events', 'allocated', { agent_id: 'ravi' })
  const reply = { user_id: 'asha', sender: 'aeu', message_body: 'Ravi here', ect_user_id: 'case-1' }
  const { message_id } = (await parties.call('desk', '/tract/message/send/', reply, { 'idempotency-key': 'one' })).body
  await parties.call('desk', '/tract/message/send/', reply, { 'idempotency-key': 'one' })
  await parties.call('desk', '/tract/message/send/', { ...reply, message_body: 'Else' }, { 'idempotency-key': 'one' })
  await parties.call('md', '/platform/event/send/', {
    ...{ user_id: 'asha', type: 'message', subtype: 'read', metadata: JSON.stringify({ message_id }) },
  })
  await parties.event('desk', 'asha', 'aeu_events', 'Entity update', { entity: 'case', id: '7' })
  await parties.write('asha', 'Thanks')
  await parties.settled()
  await parties.event('desk', 'asha', 'conversation_state', 'waiting')
  await parties.event('desk', 'asha', 'conversation_state', 'complete')
  await parties.settled()
}

async function refusals(parties: Parties): Promise<void> {
  parties.recorder.heading('What is refused')
  const hello = { user_id: 'asha', sender: 'aeu', message_body: 'Hello' }
  await parties.call('desk', '/tract/message/send/', hello)
  await parties.call('desk', '/tract/message/send/', { ...hello, user_id: 'nobody' })
  await parties.call('desk', '/tract/message/send/', {
    ...hello,
    message_body: '{"type": "BUTTON", "data": {"items": 1}}',
  })
  await parties.call('desk', '/tract/message/send/', { ...hello, more: 1, sender: 'iva' })
  await parties.call('desk', '/tract/message/send/', '{"user_id": ')
  await parties.call('desk', '/platform/message/send/', hello)
  await parties.call('no client', '/tract/hooks/register/', {})
  await parties.call('iva', '/tract/event/send', { user_id: 'asha', type: 'aeu_events', subtype: 'arrived' })
  await parties.call('iva', '/tract/no/such/path', {})
  await parties.get('desk', '/tract/user/')
}

async function control(parties: Parties): Promise<void> {
  parties.recorder.heading('Who is in control: asked, granted, taken')
  await parties.write('asha', 'One more thing')
  await parties.control('desk', 'request', 'desk', 'iva', 'asha')
  await parties.settled()
  await parties.control('iva', 'pass', 'iva', 'desk', 'asha')
  await parties.control('desk', 'take', 'desk', 'desk', 'asha')
  await parties.control('iva', 'take', 'iva', 'desk', 'asha')
  await parties.settled()
  await parties.call('desk', '/tract/thread_control/listeners/', { user_id: 'asha' })
  await parties.event('iva', 'asha', 'conversation_state', 'complete')
  await parties.settled()
}

async function deliveries(parties: Parties): Promise<void> {
  parties.recorder.heading('Deliveries: one that fails and is tried again, one that is skipped, one that is replayed')
  const desk = parties.receiver('desk')
  const { answer } = desk
  desk.answer = (request, response) =>
    request.body.message_body?.text === 'Fails once' && request.attempt === 1
      ? { status: 503, body: { success: false, error: 'no room' } }
      : answer(request, response)
  await parties.write('ben', 'Fails once', {})
  await parties.settled()
  const failed = { user_id: 'ben', category: 'message' }
  const [{ id }] = (await parties.call('desk', '/tract/deliveries/list/', failed)).body.deliveries
  await parties.call('desk', '/tract/deliveries/get/', { id })
  const hooks = (await parties.get('desk', '/tract/hooks/list/')).body.hooks
  const hook = hooks.find(
    ({ category, subcategory }: Record<string, string>) => `${category}.${subcategory}` === 'message.receive',
  )
  await parties.call('desk', '/tract/hooks/disable/', { id: hook.id, reason: 'a pause' })
  await parties.write('ben', 'Skipped')
  await parties.write('ben', 'Not skipped')
  const pending = { user_id: 'ben', state: 'pending', limit: 1 }
  const page = (await parties.call('desk', '/tract/deliveries/list/', pending)).body
  const rest = (await parties.call('desk', '/tract/deliveries/list/', { ...pending, after: page.next })).body
  const [last, head] = [page.deliveries[0].id, rest.deliveries[0].id]
  await parties.call('desk', '/tract/deliveries/skip/', { id: last })
  // the dispatcher may be looking at the lane
  await parties.call('desk', '/tract/deliveries/skip/', { id: head }, {}, 409)
  await parties.call('desk', '/tract/deliveries/get/', { id: head })
  await parties.call('desk', '/tract/hooks/enable/', { id: hook.id })
  await parties.settled()
  await parties.call('desk', '/tract/deliveries/retry/', { id: head })
  await parties.call('desk', '/tract/deliveries/replay/preview/', { ids: [head] })
  await parties.call('desk', '/tract/deliveries/replay/', { ids: [head] })
  await parties.settled()
}

async function streams(parties: Parties): Promise<void> {
  parties.recorder.heading('Hooks that are fetched')
  const body = { category: 'message', subcategory: 'sent', url: 'tract:stream' }
  const { id } = (await parties.call('desk', '/tract/hooks/register/', body)).body
  const { stream } = (await parties.call('desk', '/tract/hooks/stream/', {})).body
  const tested = parties.aside('desk', 'POST', '/tract/hooks/test/', { id })
  const { attempts } = (await parties.call('desk', '/tract/hooks/stream/', { stream, wait: 20 })).body
  await parties.call('desk', '/tract/hooks/answer/', { answers: [{ id: attempts[0].id, status: 200 }] })
  await tested
}

async function endOfTime(parties: Parties): Promise<void> {
  parties.recorder.heading('A desk that allocates no agent in time')
  const limit = { organisation_id: parties.organisation, allocate_within: 1, returned_message: 'Nobody is free.' }
  await parties.call('admin', '/platform/organisations/update/', limit)
  await parties.write('cy', 'Hello', {})
  await parties.settled()
  await parties.control('iva', 'pass', 'iva', 'desk', 'cy')
  await parties
    .receiver('desk')
    .waitFor(({ hook, body }) => hook === 'thread_control.returned' && body.user_id === 'cy')
  await parties.settled()
}

async function structured(parties: Parties): Promise<void> {
  parties.recorder.heading('A message as an object, with more than the contract knows')
  await parties.write('dan', { ...QUESTION, data: { ...QUESTION.data, more: 1.0 } }, {})
  await parties.settled()
  await parties.write('dan', { type: 'HOLOGRAM', text: 'Hello' })
  await parties.settled()
}

async function corrections(parties: Parties): Promise<void> {
  parties.recorder.heading('What its author edits and takes back')
  for (const hook of ['message.edited', 'message.deleted']) await parties.register('analytics', hook)
  await parties.write('eve', 'On Thursday', {})
  await parties.event('md', 'eve', 'message', 'edited', { message_id: 1, message_body: 'On Friday' })
  await parties.event('iva', 'eve', 'message', 'edited', { message_id: 1, message_body: 'Never' })
  await parties.event('md', 'eve', 'message', 'deleted', { message_id: 1, reason: 'by mistake' })
  await parties.event('md', 'eve', 'message', 'edited', { message_id: 1, message_body: 'On Sunday' })
  await parties.settled()
}

async function views(parties: Parties): Promise<void> {
  parties.recorder.heading('What the operator sees')
  const of = `organisation_id=${parties.organisation}`
  await parties.get('admin', `/platform/threads/?${of}&limit=2`)
  await parties.get('admin', `/platform/threads/get/?${of}&user_id=cy`)
  await parties.get('admin', `/platform/threads/timeline/?${of}&user_id=ben`)
  await parties.get('admin', `/platform/deliveries/health/?${of}`)
  await parties.get('admin', `/platform/deliveries/faults/?${of}`)
  await parties.call('md', '/platform/user/', { user_id: 'cy', user_name: 'Cy', details: { city: 'Pune' } })
  await parties.call('md', '/platform/user/erase/', { user_id: 'cy' })
  await parties.call('desk', '/tract/user/', { user_id: 'cy' })
  await parties.get('no client', '/.well-known/oauth-authorization-server')
  await parties.get('admin', '/platform/session/')
}
