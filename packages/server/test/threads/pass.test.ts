import { describe, expect, test } from '@jest/globals'
import { everybody, listener, pass, request, Scene, state, take, withAgents, withBot } from './scene.js'

describe('pass to an agent desk', () => {
  test('tells the old owner, the new one, everybody the state, then sends the history', () => {
    const scene = withBot()
    expect(scene.tell(pass('iva', 'desk'))).toEqual([
      'thread_control/released #1 > iva',
      'thread_control/assigned #1 > desk',
      'conversation_state/incomplete #1 > all',
      'history > desk',
    ])
    expect(scene.thread).toMatchObject({
      owner: 'desk',
      epoch: 2,
      conversationNumber: 1,
      conversationState: 'incomplete',
    })
  })

  test('says from whom, to whom, and in which epoch', () => {
    const [released, assigned, incomplete] = withBot().events(pass('iva', 'desk'))
    expect(released?.metadata).toEqual({ from: 'iva', to: 'desk', epoch: 2 })
    expect(assigned?.metadata).toEqual({ from: 'iva', to: 'desk', epoch: 2, reason: 'passed' })
    expect(incomplete?.metadata).toEqual({ conversation_number: '1', owner: 'desk', epoch: 2, reason: 'passed' })
    expect(incomplete?.formerOwner).toBe('iva')
  })

  test('counts as activity', () => {
    const scene = withBot().after(30)
    scene.accept(pass('iva', 'desk'))
    expect(scene.thread.lastActivityAt).toBe(scene.now)
  })

  test('between desks goes back to incomplete: the new one has not allocated anybody', () => {
    const scene = withAgents('desk').set('desk', { mayPassTo: 'any' })
    scene.accept(state('desk', 'pinned'))
    expect(scene.tell(pass('desk', 'salon'))).toContain('conversation_state/incomplete #1 > all')
    expect(scene.thread.conversationState).toBe('incomplete')
  })
})

describe('pass to an IVA', () => {
  test('completes the conversation and opens the next one, in this order', () => {
    const scene = withAgents('desk')
    expect(scene.tell(pass('desk', 'iva'))).toEqual([
      'thread_control/released #1 > desk',
      'conversation_state/complete #1 > all',
      'thread_control/assigned #2 > iva',
      'conversation_state/bot #2 > all',
    ])
    expect(scene.thread).toMatchObject({ owner: 'iva', epoch: 3, conversationNumber: 2, conversationState: 'bot' })
  })

  test('gives each event the number of its own conversation', () => {
    const events = withAgents('desk').events(pass('desk', 'iva'))
    const numbers = events.map(({ subtype, metadata }) => [subtype, metadata])
    expect(numbers).toContainEqual(['complete', { conversation_number: '1', owner: 'iva', epoch: 3, reason: 'passed' }])
    expect(numbers).toContainEqual(['bot', { conversation_number: '2', owner: 'iva', epoch: 3 }])
    expect(events.find(({ subtype }) => subtype === 'complete')?.formerOwner).toBe('desk')
  })

  test('forgets the failures of the conversation it completes', () => {
    const scene = withAgents('desk')
    scene.accept({ kind: 'unreachable', listener: 'desk', failingSince: scene.now - 60_000 })
    expect(scene.refuse(pass('iva', 'desk')).code).toBe('receiver_unreachable')
    scene.accept(pass('iva', 'sac'))
    scene.accept(pass('sac', 'iva'))
    expect(scene.thread.memory).toMatchObject({ failed: [], returned: false })
    expect(scene.accept(pass('iva', 'desk')).outcome).toBe('done')
  })
})

describe('pass without an open conversation', () => {
  test('is refused before the first one', () => {
    expect(new Scene().refuse(pass('iva', 'desk')).code).toBe('no_conversation')
  })

  test.each(['desk', 'iva'])('gives control to %s and opens nothing', (receiver) => {
    const scene = withAgents('salon')
    scene.accept(state('salon', 'complete'))
    const lines = scene.tell(pass('sac', receiver))
    expect(lines).toEqual([
      `thread_control/assigned #1 > ${receiver}`,
      ...(receiver === 'desk' ? ['history > desk'] : []),
    ])
    expect(scene.thread).toMatchObject({
      owner: receiver,
      epoch: 4,
      conversationNumber: 1,
      conversationState: 'complete',
    })
  })
})

describe('who may pass', () => {
  test('the owner may', () => expect(withAgents('desk').accept(pass('desk', 'iva')).outcome).toBe('done'))

  test.each(['iva', 'sac'])('the primary %s may, from anywhere', (requester) => {
    const scene = withAgents('desk')
    expect(scene.tell(pass(requester, 'salon'))[0]).toBe('thread_control/released #1 > desk')
    expect(scene.thread.owner).toBe('salon')
  })

  test('an ECT made primary may', () => {
    const scene = withAgents('desk').set('salon', { isPrimary: true })
    expect(scene.accept(pass('salon', 'sac')).thread.owner).toBe('sac')
  })

  test.each(['salon', 'md', 'watcher', 'nobody'])('%s, neither owner nor primary, may not', (requester) => {
    expect(withAgents('desk').refuse(pass(requester, 'iva'))).toMatchObject({
      code: 'not_owner',
      owner: 'desk',
      epoch: 2,
    })
  })

  test('the primary flag gives md and analytics no say', () => {
    const scene = withAgents('desk').set('md', { isPrimary: true }).set('watcher', { isPrimary: true })
    expect(scene.refuse(pass('md', 'iva')).code).toBe('not_owner')
    expect(scene.refuse(pass('watcher', 'iva')).code).toBe('not_owner')
  })

  test('a disabled primary may not', () => {
    expect(withAgents('desk').set('sac', { enabled: false }).refuse(pass('sac', 'iva')).code).toBe('not_owner')
  })

  test('only with its own token', () => {
    const command = { ...pass('iva', 'desk'), caller: 'salon' }
    expect(withBot().refuse(command).code).toBe('requester_mismatch')
    expect(withBot().accept({ ...command, caller: 'iva' }).outcome).toBe('done')
  })
})

describe('who may be passed to', () => {
  test('somebody known', () => expect(withBot().refuse(pass('iva', 'nobody')).code).toBe('unknown_receiver'))

  test('somebody enabled', () =>
    expect(withBot().set('desk', { enabled: false }).refuse(pass('iva', 'desk')).code).toBe('receiver_disabled'))

  test.each(['md', 'watcher'])('not %s', (receiver) =>
    expect(withBot().refuse(pass('iva', receiver)).code).toBe('receiver_not_allowed'),
  )

  test('somebody with a message/receive hook', () => {
    const scene = withBot().set('desk', { hooks: new Set(['conversation_state.bot']) })
    expect(scene.refuse(pass('iva', 'desk')).code).toBe('receiver_not_allowed')
  })

  test('somebody who can be reached', () =>
    expect(withBot().set('desk', { reachable: false }).refuse(pass('iva', 'desk')).code).toBe('receiver_unreachable'))

  test('nobody who failed in this conversation, but again in the next', () => {
    const scene = withAgents('desk')
    scene.accept({ kind: 'unreachable', listener: 'desk', failingSince: scene.now - 60_000 })
    expect(scene.refuse(pass('iva', 'desk'))).toMatchObject({ code: 'receiver_unreachable', owner: 'iva' })
    scene.accept(state('iva', 'complete'))
    scene.ceu()
    expect(scene.accept(pass('iva', 'desk')).outcome).toBe('done')
  })

  test('by an ECT: a primary or the default', () => {
    expect(withAgents('desk').refuse(pass('desk', 'salon')).code).toBe('receiver_not_allowed')
    expect(withAgents('desk').accept(pass('desk', 'sac')).thread.owner).toBe('sac')
    expect(withAgents('desk').accept(pass('desk', 'iva')).thread.owner).toBe('iva')
    const toDefault = withBot({ policy: { defaultListener: 'salon' } })
    toDefault.accept(take('sac'))
    toDefault.after(3).accept(pass('sac', 'desk'))
    expect(toDefault.accept(pass('desk', 'salon')).thread.owner).toBe('salon')
  })

  test('by an ECT that may pass to any: any', () => {
    const scene = withAgents('desk').set('desk', { mayPassTo: 'any' })
    expect(scene.accept(pass('desk', 'salon')).thread.owner).toBe('salon')
  })

  test('by an ECT: also an ECT made primary', () => {
    const scene = withAgents('desk').set('salon', { isPrimary: true })
    expect(scene.accept(pass('desk', 'salon')).thread.owner).toBe('salon')
  })
})

describe('a repeated pass', () => {
  test('that took effect changes nothing, not even through somebody no longer in control', () => {
    const scene = withAgents('desk')
    scene.accept(pass('desk', 'iva'))
    const before = scene.after(60).thread
    expect(scene.accept(pass('desk', 'iva'))).toMatchObject({ thread: before, effects: [], outcome: 'unchanged' })
  })

  test('of a primary changes nothing', () => {
    const scene = withAgents('desk')
    expect(scene.accept(pass('iva', 'desk'))).toMatchObject({ outcome: 'unchanged', effects: [] })
  })

  test('to oneself changes nothing', () => {
    expect(withAgents('desk').accept(pass('desk')).outcome).toBe('unchanged')
  })

  test('is refused once control has gone elsewhere', () => {
    const scene = withAgents('desk')
    scene.accept(pass('desk', 'iva'))
    scene.accept(take('sac'))
    expect(scene.refuse(pass('desk', 'iva')).code).toBe('not_owner')
  })

  test('is refused where somebody else gave the receiver control', () => {
    const scene = withAgents('desk')
    scene.accept(take('iva'))
    expect(scene.refuse(pass('desk', 'iva')).code).toBe('not_owner')
  })
})

test('a primary that passes to itself takes', () => {
  const scene = withAgents('desk')
  expect(scene.tell(pass('sac', 'sac'))[0]).toBe('thread_control/taken #1 > desk')
  expect(scene.thread.owner).toBe('sac')
})

describe('a pass while a request is pending', () => {
  const asked = () => {
    const scene = withAgents('desk')
    scene.accept(request('salon'))
    return scene
  }

  test('grants it to the requester, though an ECT, and though it failed before', () => {
    const scene = withAgents('salon')
    scene.accept({ kind: 'unreachable', listener: 'salon', failingSince: scene.now - 60_000 })
    scene.accept(pass('iva', 'desk'))
    scene.accept(request('salon'))
    const events = scene.events(pass('desk', 'salon'))
    expect(events.map(({ subtype }) => subtype)).toEqual(['released', 'granted', 'assigned', 'incomplete'])
    expect(events[1]).toMatchObject({ to: ['salon'], metadata: { from: 'desk', to: 'salon', epoch: 5 } })
    expect(scene.thread).toMatchObject({ owner: 'salon', pendingRequest: null })
  })

  test('to somebody else declines it', () => {
    const scene = asked()
    const declined = scene.events(pass('desk', 'sac')).find(({ subtype }) => subtype === 'declined')
    expect(declined).toMatchObject({ to: ['salon'], metadata: { from: 'salon', to: 'desk', reason: 'passed' } })
    expect(scene.thread).toMatchObject({ owner: 'sac', pendingRequest: null })
  })

  test('does not reach a requester that has become unreachable', () => {
    expect(asked().set('salon', { reachable: false }).refuse(pass('desk', 'salon')).code).toBe('receiver_unreachable')
  })
})

test('several IVAs: a pass to the second opens a conversation with it', () => {
  const scene = withBot({ listeners: [...everybody, listener('iva_b', 'iva')] })
  expect(scene.tell(pass('iva', 'iva_b'))).toContain('conversation_state/bot #2 > all')
  expect(scene.thread).toMatchObject({ owner: 'iva_b', conversationNumber: 2 })
})
