import { describe, expect, test } from '@jest/globals'
import { pass, request, Scene, says, state, take, withAgents } from './scene.js'

/** Conversation 1 is complete, and the desk holds control. */
function held(owner = 'desk') {
  const scene = withAgents('desk')
  scene.accept(state('desk', 'complete'))
  scene.accept(owner === 'desk' ? request('desk') : take(owner))
  expect(scene.thread).toMatchObject({ owner, conversationNumber: 1, conversationState: 'complete' })
  return scene
}

describe('a message of the owner without an open conversation', () => {
  test('opens the next one, which is told before the message', () => {
    const scene = held()
    expect(scene.tell(says('desk', 'ect'))).toEqual(['conversation_state/incomplete #2 > all'])
    expect(scene.thread).toMatchObject({ owner: 'desk', conversationNumber: 2, conversationState: 'incomplete' })
    expect(scene.thread.memory.unallocatedSince).toBe(scene.now)
  })

  test('of an agent shows that one is there', () => {
    const scene = held()
    scene.accept(says('desk', 'aeu'))
    expect(scene.thread).toMatchObject({ conversationNumber: 2, memory: { unallocatedSince: null } })
  })

  test('of an assistant opens it with the assistant', () => {
    const scene = held('iva')
    expect(scene.tell(says('iva', 'iva'))).toEqual(['conversation_state/bot #2 > all'])
  })

  test('opens one, and the user’s answer goes on with it', () => {
    const scene = held()
    scene.accept(says('desk', 'aeu'))
    expect(scene.tell(says('desk', 'aeu'))).toEqual([])
    expect(scene.ceu()).toEqual([])
    expect(scene.thread).toMatchObject({ owner: 'desk', conversationNumber: 2 })
  })

  test('forgets who failed in the one before', () => {
    const scene = withAgents('desk')
    scene.accept({ kind: 'unreachable', listener: 'desk', failingSince: scene.now - 60_000 })
    scene.accept(state('iva', 'complete'))
    scene.accept(take('sac'))
    scene.accept(says('sac', 'aeu'))
    expect(scene.thread.memory).toMatchObject({ failed: [], returned: false })
  })

  test('of any other listener is refused, and opens nothing', () => {
    const scene = held()
    expect(scene.refuse(says('salon', 'aeu')).code).toBe('not_in_control')
    expect(scene.thread.conversationNumber).toBe(1)
  })
})

describe('a request on a user that has had no conversation', () => {
  test('opens the first one with who asks', () => {
    const scene = new Scene()
    expect(scene.tell({ ...request('desk'), context: { reason: 'renewal' } })).toEqual([
      'thread_control/assigned #1 > desk',
      'conversation_state/incomplete #1 > all',
      'history > desk',
    ])
    expect(scene.thread).toMatchObject({
      owner: 'desk',
      epoch: 1,
      conversationNumber: 1,
      conversationState: 'incomplete',
      memory: { context: { reason: 'renewal' } },
    })
    expect(scene.accept(says('desk', 'aeu')).thread.conversationNumber).toBe(1)
  })

  test('changes nothing where it is repeated', () => {
    const scene = new Scene()
    scene.accept(request('desk'))
    expect(scene.accept(request('desk')).outcome).toBe('unchanged')
  })

  test('is refused as any other', () => {
    expect(new Scene({ policy: { onRequest: 'deny' } }).refuse(request('desk')).code).toBe('request_denied')
    expect(new Scene().set('desk', { reachable: false }).refuse(request('desk')).code).toBe('receiver_unreachable')
    expect(new Scene().refuse(request('md')).code).toBe('receiver_not_allowed')
    expect(new Scene().refuse(request('desk', 'iva')).code).toBe('conflict')
  })

  test.each([pass('iva', 'desk'), take('sac')])('opens none by $kind', (command) => {
    expect(new Scene().refuse(command).code).toBe('no_conversation')
  })
})
