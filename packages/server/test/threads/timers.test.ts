import { describe, expect, test } from '@jest/globals'
import { agent, pass, request, START, says, state, take, withAgents, withBot } from './scene.js'

describe('a tick', () => {
  test('finds nothing to do before the deadline, and again after it has run', () => {
    const scene = withAgents('desk')
    scene.accept(request('salon'))
    expect(scene.after(59.999).tick()).toEqual([])
    expect(scene.after(0.001).tick()).toEqual(['thread_control/expired #1 > salon'])
    expect(scene.tick()).toEqual([])
  })

  test('runs all that is due: expiry first, then the end of the conversation', () => {
    const scene = withAgents('desk', { policy: { allocateWithin: 30, idleCompleteAfter: 50 } })
    scene.accept(request('salon'))
    expect(scene.after(3600).tick()).toEqual([
      'thread_control/expired #1 > salon',
      'conversation_state/complete #1 > all',
    ])
  })

  test('leaves no deadline behind that has passed already', () => {
    const scene = withAgents('desk', { policy: { allocateWithin: 30 } })
    scene.accept(request('salon'))
    scene.after(45).tick()
    expect(scene.thread.deadlineAt).toBeGreaterThan(scene.now)
  })
})

describe('a pending request', () => {
  test('expires after 60 s, which the requester hears', () => {
    const scene = withAgents('desk')
    scene.accept(request('salon'))
    const [expired] = scene.after(60).events({ kind: 'tick' })
    expect(expired).toMatchObject({
      subtype: 'expired',
      to: ['salon'],
      metadata: { from: 'salon', to: 'desk', epoch: 2 },
    })
    expect(scene.thread).toMatchObject({ owner: 'desk', pendingRequest: null, deadlineAt: START + 86_400_000 })
  })
})

describe('idleness', () => {
  test('completes the conversation after 24 h without activity', () => {
    const scene = withAgents('desk')
    scene.accept(request('salon'))
    scene.after(60).tick()
    scene.after(86_400 - 60.001)
    expect(scene.tick()).toEqual([])
    const [complete, ...rest] = scene.after(0.001).events({ kind: 'tick' })
    expect(rest).toEqual([])
    expect(complete).toMatchObject({
      to: 'all',
      formerOwner: 'desk',
      metadata: { conversation_number: '1', owner: null, epoch: 3, reason: 'idle' },
    })
    expect(complete).not.toHaveProperty('except')
    expect(scene.thread).toMatchObject({ owner: null, conversationState: 'complete', deadlineAt: null })
  })

  test.each([
    ['a CEU message', { kind: 'ceu_message' as const }],
    ['a message of the owner', says('desk')],
    ['a message of the house', { kind: 'haptik_message' as const, from: null }],
    ['an event of a desk', agent('salon', 'entity_update')],
    ['a change of control', take('sac')],
  ])('begins anew with %s', (_, command) => {
    const scene = withAgents('desk').after(1000)
    scene.accept(command)
    expect(scene.thread.deadlineAt).toBe(scene.now + 86_400_000)
  })

  test.each([
    ['a repeated pass', pass('iva', 'desk')],
    ['a repeated state', state('desk', 'pinned')],
    ['a tick', { kind: 'tick' as const }],
  ])('does not begin anew with %s', (_, command) => {
    const scene = withAgents('desk')
    scene.accept(state('desk', 'pinned'))
    const { deadlineAt } = scene.thread
    scene.after(1000).accept(command)
    expect(scene.thread.deadlineAt).toBe(deadlineAt)
  })

  test('does not concern a completed conversation without an owner', () => {
    const scene = withBot()
    scene.accept(state('iva', 'complete'))
    expect(scene.thread.deadlineAt).toBeNull()
    expect(scene.after(1e6).tick()).toEqual([])
  })

  test('ends control that is held without an open conversation', () => {
    const scene = withBot()
    scene.accept(state('iva', 'complete'))
    scene.after(1000).accept(pass('iva', 'desk'))
    expect(scene.thread.deadlineAt).toBe(scene.now + 86_400_000)
    expect(scene.after(86_399).tick()).toEqual([])
    const [released, ...rest] = scene.after(1).events({ kind: 'tick' })
    expect(rest).toEqual([])
    expect(released).toMatchObject({
      type: 'thread_control',
      subtype: 'released',
      to: ['desk'],
      metadata: { from: 'desk', to: null, reason: 'idle' },
    })
    expect(scene.thread).toMatchObject({ owner: null, conversationState: 'complete', deadlineAt: null })
  })

  describe('with a message of the CEU that the owner has not had', () => {
    const waiting = () => withAgents('desk', { policy: { idleCompleteAfter: 600 } })
    const told = (scene: ReturnType<typeof waiting>, heard: 'pending' | number) => scene.tell({ kind: 'tick', heard })

    test('does not run', () => {
      const scene = waiting()
      for (let times = 0; times < 5; times++) {
        expect(told(scene.after(600), 'pending')).toEqual([])
        expect(scene.thread).toMatchObject({ owner: 'desk', deadlineAt: scene.now + 600_000, lastActivityAt: START })
      }
    })

    test('runs from when the owner had it', () => {
      const scene = waiting()
      told(scene.after(600), 'pending')
      const heard = scene.after(100).now
      expect(told(scene.after(500), heard)).toEqual([])
      expect(scene.thread.deadlineAt).toBe(heard + 600_000)
      expect(told(scene.after(99.999), heard)).toEqual([])
      expect(told(scene.after(0.001), heard)).toEqual(['conversation_state/complete #1 > all'])
    })

    test('runs from what was said since, if that is later', () => {
      const scene = waiting().after(300)
      scene.accept(says('desk'))
      expect(told(scene.after(599.999), START + 100)).toEqual([])
      expect(told(scene.after(0.001), START + 100)).toEqual(['conversation_state/complete #1 > all'])
    })

    test('holds up no other timer', () => {
      const scene = waiting()
      scene.accept(request('salon'))
      scene.set('desk', { failingSince: scene.now })
      expect(told(scene.after(600), 'pending')).toEqual([
        'thread_control/expired #1 > salon',
        'thread_control/returned #1 > desk,iva',
        'conversation_state/bot #1 > all',
      ])
    })

    test('keeps control that is held without an open conversation', () => {
      const scene = waiting()
      scene.accept(state('desk', 'complete'))
      scene.accept(pass('iva', 'salon'))
      expect(told(scene.after(600), 'pending')).toEqual([])
      expect(told(scene.after(600), scene.now)).toEqual([])
      expect(told(scene.after(600), scene.now - 600_000)).toEqual(['thread_control/released #1 > salon'])
    })
  })

  test('follows a setting that was changed since', () => {
    const scene = withBot()
    scene.policy = { ...scene.policy, idleCompleteAfter: 200_000 }
    expect(scene.after(86_400).tick()).toEqual([])
    expect(scene.thread.deadlineAt).toBe(START + 200_000_000)
  })
})

describe('an owner whose lane fails', () => {
  test('loses control to the default when its time is up, and not before', () => {
    const scene = withAgents('desk', { policy: { returnedMessage: 'Back with the assistant.' } })
    scene.set('desk', { failingSince: scene.now }).after(1).ceu()
    expect(scene.thread.deadlineAt).toBe(START + 60_000)
    expect(scene.after(58.999).tick()).toEqual([])
    expect(scene.after(0.001).tick()).toEqual([
      'thread_control/returned #1 > desk,iva',
      'conversation_state/bot #1 > all',
      'say "Back with the assistant."',
    ])
    expect(scene.thread).toMatchObject({ owner: 'iva', deadlineAt: START + 1_000 + 86_400_000 })
  })

  test('keeps it if the lane has recovered by then', () => {
    const scene = withAgents('desk')
    scene.set('desk', { failingSince: scene.now }).ceu()
    scene.set('desk', { failingSince: null })
    expect(scene.after(60).tick()).toEqual([])
    expect(scene.thread).toMatchObject({ owner: 'desk', deadlineAt: START + 86_400_000 })
  })

  test('is not waited for where control has nowhere else to go, and the deadline does not stay', () => {
    const scene = withAgents('desk')
    scene.set('iva', { enabled: false }).set('sac', { enabled: false })
    scene.set('desk', { failingSince: scene.now }).ceu()
    expect(scene.after(60).tick()).toEqual([])
    expect(scene.thread).toMatchObject({ owner: 'desk', deadlineAt: START + 86_400_000 })
    expect(scene.thread.memory.failed).toEqual(['desk'])
  })

  test('does not concern the default, nor others', () => {
    const scene = withBot()
    scene.set('iva', { failingSince: scene.now }).set('desk', { failingSince: scene.now })
    scene.ceu()
    expect(scene.thread.deadlineAt).toBe(START + 86_400_000)
  })

  test('comes before the wait for an agent, which does not return control a second time', () => {
    const scene = withAgents('desk', { policy: { allocateWithin: 60 } })
    scene.set('desk', { failingSince: scene.now }).ceu()
    const [returned, ...rest] = scene.after(60).events({ kind: 'tick' })
    expect(returned?.metadata).toMatchObject({ reason: 'unreachable', from: 'desk', to: 'iva' })
    expect(rest.map(({ subtype }) => subtype)).toEqual(['bot'])
  })
})

describe('allocation', () => {
  const within30 = { policy: { allocateWithin: 30, returnedMessage: 'Nobody is free.' } }

  test('nobody in time: control returns to the default', () => {
    const scene = withAgents('desk', within30)
    expect(scene.thread.deadlineAt).toBe(START + 30_000)
    expect(scene.after(30).tick()).toEqual([
      'thread_control/returned #1 > desk,iva',
      'conversation_state/bot #1 > all',
      'say "Nobody is free."',
    ])
    expect(scene.thread).toMatchObject({ owner: 'iva', conversationNumber: 1 })
  })

  test('is not awaited by default', () => {
    const scene = withAgents('desk')
    expect(scene.thread.deadlineAt).toBe(START + 86_400_000)
  })

  test.each([
    ['allocated', agent('desk', 'allocated')],
    ['pinned', state('desk', 'pinned')],
    ['waiting', state('desk', 'waiting')],
    ['a message of the agent', says('desk', 'aeu')],
  ])('is over with %s', (_, command) => {
    const scene = withAgents('desk', within30).after(10)
    scene.accept(command)
    expect(scene.after(30).tick()).toEqual([])
    expect(scene.thread.owner).toBe('desk')
  })

  test('is not over with a message of the tool, nor with one of the CEU', () => {
    const scene = withAgents('desk', within30).after(10)
    scene.accept(says('desk', 'ect'))
    scene.ceu()
    expect(scene.after(20).tick()[0]).toBe('thread_control/returned #1 > desk,iva')
  })

  test('begins anew with the next desk', () => {
    const scene = withAgents('desk', within30).after(20)
    scene.accept(pass('iva', 'salon'))
    expect(scene.thread.deadlineAt).toBe(START + 50_000)
  })

  test('is not awaited of an IVA', () => {
    expect(withBot(within30).thread.deadlineAt).toBe(START + 86_400_000)
  })

  test('of the default itself comes to nothing, once', () => {
    const scene = withBot({ policy: { allocateWithin: 30, defaultListener: 'desk' } })
    expect(scene.thread.deadlineAt).toBe(START + 30_000)
    expect(scene.after(30).tick()).toEqual([])
    expect(scene.thread).toMatchObject({ owner: 'desk', deadlineAt: START + 86_400_000 })
    expect(scene.thread.memory.failed).toEqual([])
  })

  test('comes to nothing a second time in one conversation', () => {
    const scene = withAgents('desk', within30)
    scene.after(30).tick()
    scene.accept(pass('iva', 'salon'))
    expect(scene.after(30).tick()).toEqual([])
    expect(scene.thread).toMatchObject({ owner: 'salon', deadlineAt: START + 30_000 + 86_400_000 })
  })

  test('of a desk that was given control before the conversation is awaited from its opening', () => {
    const scene = withBot(within30)
    scene.accept(state('iva', 'complete'))
    scene.accept(pass('iva', 'desk'))
    expect(scene.thread.deadlineAt).toBe(START + 86_400_000)
    scene.after(100).ceu()
    expect(scene.thread.deadlineAt).toBe(START + 130_000)
  })
})
