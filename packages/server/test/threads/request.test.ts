import { describe, expect, test } from '@jest/globals'
import { decline, pass, request, Scene, START, state, take, withAgents } from './scene.js'

describe('policy ask', () => {
  test('puts the question to the owner and waits 60 s', () => {
    const scene = withAgents('desk').after(1)
    const accepted = scene.accept(request('salon'))
    const [requested] = accepted.effects
    expect(accepted.outcome).toBe('pending')
    expect(accepted.effects).toHaveLength(1)
    expect(requested).toMatchObject({ type: 'thread_control', subtype: 'requested', to: ['desk'] })
    expect(requested).toHaveProperty('metadata', {
      from: 'salon',
      to: 'desk',
      epoch: 2,
      expires_at: '2026-11-22T09:01:01.000Z',
    })
    expect(scene.thread).toMatchObject({
      owner: 'desk',
      epoch: 2,
      pendingRequest: { from: 'salon', expiresAt: START + 61_000 },
      deadlineAt: START + 61_000,
    })
  })

  test('repeated by the same listener it gives the same answer and changes nothing', () => {
    const scene = withAgents('desk')
    const { thread } = scene.accept(request('salon'))
    expect(scene.after(30).accept(request('salon'))).toEqual({ ok: true, thread, effects: [], outcome: 'pending' })
  })

  test('a second listener is told to wait', () => {
    const scene = withAgents('desk')
    scene.accept(request('salon'))
    expect(scene.after(15).refuse(request('sac'))).toMatchObject({ code: 'request_pending', retryAfter: 45 })
  })

  test('a request that has run out gives way to the next, before any tick', () => {
    const scene = withAgents('desk')
    scene.accept(request('salon'))
    expect(scene.after(60).tell(request('sac'))).toEqual([
      'thread_control/expired #1 > salon',
      'thread_control/requested #1 > desk',
    ])
    expect(scene.thread.pendingRequest?.from).toBe('sac')
  })

  test('with nobody in control it is granted at once', () => {
    const scene = withAgents('desk')
    scene.accept(state('desk', 'complete'))
    expect(scene.tell(request('salon'))).toEqual(['thread_control/assigned #1 > salon', 'history > salon'])
    expect(scene.thread).toMatchObject({ owner: 'salon', conversationState: 'complete', pendingRequest: null })
  })

  test('the owner declines, which only the requester hears', () => {
    const scene = withAgents('desk')
    scene.accept(request('salon'))
    const [declined, ...others] = scene.events(decline('desk'))
    expect(declined).toMatchObject({ subtype: 'declined', to: ['salon'], metadata: { from: 'salon', to: 'desk' } })
    expect(others).toEqual([])
    expect(scene.thread).toMatchObject({ owner: 'desk', epoch: 2, pendingRequest: null })
    expect(scene.accept(request('sac')).outcome).toBe('pending')
  })

  test('what the owner says along goes to the requester', () => {
    const declined = (metadata: string) => {
      const scene = withAgents('desk')
      scene.accept(request('salon'))
      return scene.events(decline('desk', metadata))[0]?.metadata
    }
    expect(declined('{"reason":"busy"}')).toBe('{"reason":"busy","from":"salon","to":"desk","epoch":2}')
    expect(declined('{"to":"sac"}')).toEqual({ from: 'salon', to: 'desk', epoch: 2 })
    expect(declined('Not now')).toBe('Not now')
  })

  test('declined where nothing is pending changes nothing', () => {
    expect(withAgents('desk').accept(decline('desk'))).toMatchObject({ outcome: 'unchanged', effects: [] })
  })

  test('nobody but the owner may decline', () => {
    const scene = withAgents('desk')
    scene.accept(request('salon'))
    expect(scene.refuse(decline('salon')).code).toBe('not_in_control')
  })
})

test('policy deny: refused', () => {
  const scene = withAgents('desk', { policy: { onRequest: 'deny' } })
  expect(scene.refuse(request('salon'))).toMatchObject({ code: 'request_denied', owner: 'desk', epoch: 2 })
})

describe('policy grant', () => {
  const granting = () => withAgents('desk', { policy: { onRequest: 'grant' } })

  test('control goes over as in a take', () => {
    const scene = granting()
    expect(scene.tell(request('salon', 'desk'))).toEqual([
      'thread_control/taken #1 > desk',
      'thread_control/assigned #1 > salon',
      'conversation_state/incomplete #1 > all',
      'history > salon',
    ])
  })

  test('within 3 s of a take it conflicts', () => {
    const scene = granting()
    scene.accept(take('sac'))
    expect(scene.refuse(request('salon'))).toMatchObject({ code: 'conflict', retryAfter: 3 })
    expect(scene.after(3).accept(request('salon')).thread.owner).toBe('salon')
  })

  test('to an IVA it opens the next conversation', () => {
    const scene = granting()
    scene.accept(request('iva'))
    expect(scene.thread).toMatchObject({ owner: 'iva', conversationNumber: 2, conversationState: 'bot' })
  })
})

describe.each(['ask', 'grant', 'deny'] as const)('under policy %s', (onRequest) => {
  const scene = () => withAgents('desk', { policy: { onRequest } })

  test('the owner has what it asks for', () =>
    expect(scene().accept(request('desk'))).toMatchObject({ outcome: 'unchanged', effects: [] }))

  test('before the first conversation, it is asked for as after one', () => {
    const scene = new Scene({ policy: { onRequest } })
    if (onRequest === 'deny') expect(scene.refuse(request('desk')).code).toBe('request_denied')
    else expect(scene.accept(request('desk'))).toMatchObject({ outcome: 'done', thread: { conversationNumber: 1 } })
  })

  test.each(['md', 'watcher', 'nobody'])('%s cannot hold control', (id) =>
    expect(scene().refuse(request(id, 'desk')).code).toBe('receiver_not_allowed'),
  )

  test('the requester must be enabled, hear messages, and be reachable', () => {
    expect(scene().set('salon', { enabled: false }).refuse(request('salon')).code).toBe('receiver_disabled')
    expect(scene().set('salon', { hooks: new Set() }).refuse(request('salon')).code).toBe('receiver_not_allowed')
    expect(scene().set('salon', { reachable: false }).refuse(request('salon')).code).toBe('receiver_unreachable')
  })

  test('the receiver is the requester or the owner', () => {
    expect(scene().refuse(request('salon', 'sac')).code).toBe('conflict')
    expect(scene().refuse(request('salon', 'nobody')).code).toBe('unknown_receiver')
  })

  test('the token must be its own', () =>
    expect(scene().refuse({ ...request('salon'), caller: 'sac' }).code).toBe('requester_mismatch'))
})

test('a request pending in a completed conversation stands when the next one opens with the same owner', () => {
  const scene = withAgents('desk')
  scene.accept(state('desk', 'complete'))
  scene.accept(pass('iva', 'sac'))
  scene.accept(request('salon'))
  scene.ceu()
  expect(scene.thread).toMatchObject({ owner: 'sac', conversationNumber: 2, pendingRequest: { from: 'salon' } })
})
