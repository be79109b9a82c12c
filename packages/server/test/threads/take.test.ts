import { describe, expect, test } from '@jest/globals'
import { pass, request, Scene, state, take, withAgents, withBot } from './scene.js'

describe('take', () => {
  test('by a primary desk: the old owner hears that it was taken', () => {
    const scene = withAgents('desk')
    const events = scene.events(take('sac'))
    expect(events.map(({ subtype, to }) => [subtype, to])).toEqual([
      ['taken', ['desk']],
      ['assigned', ['sac']],
      ['incomplete', 'all'],
    ])
    expect(events[0]?.metadata).toEqual({ from: 'desk', to: 'sac', epoch: 3 })
    expect(events[1]?.metadata).toEqual({ from: 'desk', to: 'sac', epoch: 3, reason: 'taken' })
    expect(scene.thread).toMatchObject({ owner: 'sac', epoch: 3, conversationNumber: 1 })
  })

  test('sends the history to a desk', () => expect(withAgents('desk').tell(take('sac'))).toContain('history > sac'))

  test('by an IVA completes the conversation and opens the next', () => {
    const scene = withAgents('desk')
    expect(scene.tell(take('iva'))).toEqual([
      'thread_control/taken #1 > desk',
      'conversation_state/complete #1 > all',
      'thread_control/assigned #2 > iva',
      'conversation_state/bot #2 > all',
    ])
  })

  test('needs a primary, or a listener that may take', () => {
    expect(withAgents('desk').refuse(take('salon'))).toMatchObject({ code: 'not_primary', owner: 'desk' })
    expect(withAgents('desk').refuse(take('nobody', 'desk')).code).toBe('not_primary')
    expect(withAgents('desk').set('salon', { mayTake: true }).accept(take('salon')).thread.owner).toBe('salon')
    expect(withAgents('desk').set('salon', { isPrimary: true }).accept(take('salon')).thread.owner).toBe('salon')
  })

  test.each(['md', 'watcher'])('is nothing for %s, whatever is configured', (id) => {
    expect(withAgents('desk').set(id, { mayTake: true, isPrimary: true }).refuse(take(id)).code).toBe('not_primary')
  })

  test('needs a requester that is enabled, hears messages, and can be reached', () => {
    expect(withAgents('desk').set('sac', { enabled: false }).refuse(take('sac')).code).toBe('receiver_disabled')
    expect(withAgents('desk').set('sac', { hooks: new Set() }).refuse(take('sac')).code).toBe('receiver_not_allowed')
    expect(withAgents('desk').set('sac', { reachable: false }).refuse(take('sac')).code).toBe('receiver_unreachable')
  })

  test('by one that failed before in the conversation: it lives again', () => {
    const scene = withAgents('sac')
    scene.accept({ kind: 'unreachable', listener: 'sac', failingSince: scene.now - 60_000 })
    expect(scene.accept(take('sac')).thread.owner).toBe('sac')
  })

  test('by the owner changes nothing, also where it repeats whom it took from', () => {
    const scene = withAgents('desk')
    scene.accept(take('sac', 'desk'))
    expect(scene.accept(take('sac', 'desk'))).toMatchObject({ outcome: 'unchanged', effects: [] })
    expect(scene.accept(take('sac')).outcome).toBe('unchanged')
  })

  test('is refused before the first conversation; after one it gives control and opens nothing', () => {
    expect(new Scene().refuse(take('sac')).code).toBe('no_conversation')
    const scene = withAgents('desk')
    scene.accept(state('desk', 'complete'))
    expect(scene.tell(take('sac'))).toEqual(['thread_control/assigned #1 > sac', 'history > sac'])
    expect(scene.thread).toMatchObject({ owner: 'sac', conversationState: 'complete' })
    expect(scene.ceu()).toEqual(['conversation_state/incomplete #2 > all'])
  })

  test('settles a pending request, granted where the taker had asked', () => {
    const scene = withAgents('desk')
    scene.accept(request('salon'))
    expect(scene.tell(take('sac'))).toContain('thread_control/declined #1 > salon')
    const own = withAgents('desk')
    own.accept(request('sac'))
    expect(own.tell(take('sac'))).toContain('thread_control/granted #1 > sac')
    expect(own.thread.pendingRequest).toBeNull()
  })
})

describe('the receiver of a take is a guard', () => {
  test('it may name the present owner', () =>
    expect(withAgents('desk').accept(take('sac', 'desk')).thread.owner).toBe('sac'))
  test('another owner is a refusal', () =>
    expect(withAgents('desk').refuse(take('sac', 'salon'))).toMatchObject({ code: 'conflict', owner: 'desk' }))
  test('somebody unknown is one too', () =>
    expect(withAgents('desk').refuse(take('sac', 'nobody')).code).toBe('unknown_receiver'))
  test('nobody in control matches nobody', () => {
    const scene = withAgents('desk')
    scene.accept(state('desk', 'complete'))
    expect(scene.refuse(take('sac', 'desk')).code).toBe('conflict')
  })
})

describe('two takes', () => {
  test('of two primaries within 3 s: the second gets a conflict and when to try again', () => {
    const scene = withAgents('desk')
    scene.accept(take('sac'))
    expect(scene.refuse(take('iva'))).toMatchObject({ code: 'conflict', owner: 'sac', retryAfter: 3 })
    expect(scene.after(1.5).refuse(take('iva'))).toMatchObject({ code: 'conflict', retryAfter: 2 })
    expect(scene.after(1).refuse(take('iva'))).toMatchObject({ code: 'conflict', retryAfter: 1 })
    expect(scene.after(0.499).refuse(take('iva')).code).toBe('conflict')
    expect(scene.after(0.001).accept(take('iva')).thread.owner).toBe('iva')
  })

  test('with clocks a little apart conflict, but a clock that jumped does not bar the way for ever', () => {
    const scene = withAgents('desk')
    scene.accept(take('sac'))
    expect(scene.after(-1).refuse(take('iva'))).toMatchObject({ code: 'conflict', retryAfter: 3 })
    expect(scene.after(-3600).accept(take('iva')).thread.owner).toBe('iva')
  })

  test('do not conflict where control has moved on in between', () => {
    const scene = withAgents('desk')
    scene.accept(take('sac'))
    scene.accept(pass('sac', 'desk'))
    expect(scene.accept(take('iva')).thread.owner).toBe('iva')
  })

  test('a take right after a pass is none of two takes', () =>
    expect(withBot().accept(take('sac')).thread.owner).toBe('sac'))
})
