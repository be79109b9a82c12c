import { describe, expect, test } from '@jest/globals'
import { isThreadEvent } from '../../src/threads/listener-events.js'
import { agent, pass, request, Scene, state, withAgents, withBot } from './scene.js'

describe('conversation_state of the owner', () => {
  test.each(['pinned', 'waiting'] as const)('%s: everybody else is told', (subtype) => {
    const scene = withAgents('desk')
    expect(scene.tell(state('desk', subtype))).toEqual([`conversation_state/${subtype} #1 > all except desk`])
    expect(scene.thread).toMatchObject({ owner: 'desk', epoch: 2, conversationState: subtype })
  })

  const said = (subtype: 'waiting' | 'pinned' | 'complete', metadata: string) =>
    withAgents('desk').events(state('desk', subtype, metadata))[0]?.metadata
  const ours = '"conversation_number":"1","owner":"desk","epoch":2}'

  test.each(['waiting', 'pinned'] as const)('%s: what it says along is kept, letter for letter', (subtype) => {
    expect(said(subtype, '{"agent_name": "Asha", "case": 12345678901234567890}')).toBe(
      `{"agent_name": "Asha", "case": 12345678901234567890,${ours}`,
    )
    expect(said(subtype, ' { } ')).toBe(`{${ours}`)
  })

  test('complete: so is its outcome', () => {
    const outcome = '{"reason":"resolved","note":"Paid back","tags":["bill"]}'
    expect(JSON.parse(said('complete', outcome) as string)).toEqual({
      ...JSON.parse(outcome),
      conversation_number: '1',
      owner: null,
      epoch: 3,
    })
  })

  test('what we know stands above what it says', () => {
    const [pinned] = withAgents('desk').events(state('desk', 'pinned', '{"agent_name":"Asha","owner":"salon"}'))
    expect(pinned?.metadata).toEqual({ agent_name: 'Asha', conversation_number: '1', owner: 'desk', epoch: 2 })
  })

  test.each(['Paid back', '', '"quoted"', '["a"]', 'null', '12', '{broken'])('text goes out as it came: %j', (text) => {
    expect(said('complete', text)).toBe(text)
    expect(said('pinned', text)).toBe(text)
  })

  test('repeated with something to say it is passed on', () => {
    const scene = withAgents('desk')
    scene.accept(state('desk', 'pinned'))
    expect(scene.tell(state('desk', 'pinned', '{"note":"again"}'))).toEqual([
      'conversation_state/pinned #1 > all except desk',
    ])
  })

  test('repeated it changes nothing', () => {
    const scene = withAgents('desk')
    scene.accept(state('desk', 'pinned'))
    expect(scene.accept(state('desk', 'pinned'))).toMatchObject({ outcome: 'unchanged', effects: [] })
  })

  test('complete: nobody is in control, the old owner lost it to no one', () => {
    const scene = withAgents('desk')
    expect(scene.tell(state('desk', 'complete'))).toEqual(['conversation_state/complete #1 > all except desk'])
    expect(scene.thread).toMatchObject({
      owner: null,
      epoch: 3,
      conversationNumber: 1,
      conversationState: 'complete',
      deadlineAt: null,
    })
  })

  test('complete declines what is pending', () => {
    const scene = withAgents('desk')
    scene.accept(request('salon'))
    expect(scene.tell(state('desk', 'complete'))).toContain('thread_control/declined #1 > salon')
    expect(scene.thread.pendingRequest).toBeNull()
  })

  test.each(['waiting', 'pinned', 'complete'] as const)('%s of another is refused', (subtype) => {
    const scene = withAgents('desk')
    for (const from of ['iva', 'sac', 'salon', 'md', 'nobody']) {
      expect(scene.refuse(state(from, subtype))).toMatchObject({
        code: 'not_in_control',
        message: `Only who is in control may send conversation_state/${subtype}; 'desk' is.`,
        owner: 'desk',
        epoch: 2,
      })
    }
  })

  test('before the first conversation there is none to speak of', () => {
    expect(new Scene().refuse(state('iva', 'pinned')).code).toBe('no_conversation')
    expect(new Scene().refuse(agent('desk', 'received')).code).toBe('no_conversation')
  })
})

describe('who holds control of a completed conversation', () => {
  const held = () => {
    const scene = withAgents('desk')
    scene.accept(state('desk', 'complete'))
    scene.accept(pass('iva', 'salon'))
    return scene
  }

  test('cannot pin it or make it wait', () => {
    expect(held().refuse(state('salon', 'pinned'))).toMatchObject({
      code: 'no_conversation',
      message: "The conversation is complete; 'salon' is in control.",
    })
    expect(held().refuse(state('salon', 'waiting')).code).toBe('no_conversation')
    const scene = held()
    expect(scene.tell(agent('salon', 'allocated'))).toEqual(['aeu_events/allocated #1 > all except salon'])
    expect(scene.thread.conversationState).toBe('complete')
  })

  test('gives control up by completing it', () => {
    const scene = held()
    expect(scene.tell(state('salon', 'complete'))).toEqual(['thread_control/released #1 > salon'])
    expect(scene.thread).toMatchObject({ owner: null, epoch: 5, conversationState: 'complete' })
  })
})

describe('aeu_events', () => {
  test('allocated by the owner is passed on and pins', () => {
    const scene = withAgents('desk')
    expect(scene.tell(agent('desk', 'allocated'))).toEqual([
      'aeu_events/allocated #1 > all except desk',
      'conversation_state/pinned #1 > all',
    ])
    expect(scene.thread.conversationState).toBe('pinned')
  })

  test('allocated again is passed on, the state stays', () => {
    const scene = withAgents('desk')
    scene.accept(agent('desk', 'allocated'))
    expect(scene.tell(agent('desk', 'allocated'))).toEqual(['aeu_events/allocated #1 > all except desk'])
  })

  test('user_timeout by the owner is passed on and completes', () => {
    const scene = withAgents('desk')
    const events = scene.events(agent('desk', 'user_timeout'))
    expect(events.map(({ type, subtype, except }) => [type, subtype, except])).toEqual([
      ['aeu_events', 'user_timeout', 'desk'],
      ['conversation_state', 'complete', undefined],
    ])
    expect(events[1]).toMatchObject({ formerOwner: 'desk', metadata: { owner: null, reason: 'user_timeout' } })
    expect(scene.thread).toMatchObject({ owner: null, epoch: 3, conversationState: 'complete' })
  })

  test.each(['allocated', 'user_timeout'] as const)('%s of another is refused', (subtype) => {
    expect(withAgents('desk').refuse(agent('salon', subtype)).code).toBe('not_in_control')
  })

  test.each(['received', 'transition_aeu', 'transition_team', 'entity_update'] as const)(
    '%s is passed on by any desk',
    (sub) => {
      for (const from of ['desk', 'salon', 'sac']) {
        const scene = withAgents('desk')
        const { conversationState, owner, epoch } = scene.thread
        expect(scene.tell(agent(from, sub))).toEqual([`aeu_events/${sub} #1 > all except ${from}`])
        expect(scene.thread).toMatchObject({ conversationState, owner, epoch })
      }
    },
  )

  test('are passed on after completion too', () => {
    const scene = withAgents('desk')
    scene.accept(state('desk', 'complete'))
    expect(scene.tell(agent('desk', 'entity_update'))).toEqual(['aeu_events/entity_update #1 > all except desk'])
  })

  test('carry their metadata untouched, or none', () => {
    const [told] = withAgents('desk').events(agent('desk', 'entity_update', '{"entity" : 1}'))
    expect(told?.metadata).toBe('{"entity" : 1}')
    expect(withAgents('desk').events(agent('desk', 'entity_update'))[0]?.metadata).toBeNull()
  })
})

test('an IVA in control may pin and complete as well', () => {
  const scene = withBot()
  scene.accept(state('iva', 'pinned'))
  expect(scene.thread).toMatchObject({ owner: 'iva', conversationState: 'pinned' })
  scene.accept(state('iva', 'complete'))
  expect(scene.thread.owner).toBeNull()
})

test('an event off the wire is a command once it is known to concern the thread', () => {
  const wire: { type: string; subtype: string } = { type: 'aeu_events', subtype: 'allocated' }
  const scene = withAgents('desk')
  if (isThreadEvent(wire)) scene.accept({ kind: 'event', from: 'desk', ...wire })
  expect(scene.thread.conversationState).toBe('pinned')
})

test('the events that concern the thread are told from those that do not', () => {
  const concerns = (type: string, subtype: string) => isThreadEvent({ type, subtype })
  expect(concerns('aeu_events', 'transition_aeu')).toBe(true)
  expect(concerns('aeu_events', 'unheard_of')).toBe(false)
  expect(concerns('conversation_state', 'pinned')).toBe(true)
  expect(concerns('conversation_state', 'bot')).toBe(false)
  expect(concerns('thread_control', 'declined')).toBe(true)
  expect(concerns('thread_control', 'granted')).toBe(false)
  expect(concerns('message', 'delivered')).toBe(false)
})
