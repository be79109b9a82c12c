import { describe, expect, test } from '@jest/globals'
import {
  accept,
  agent,
  decline,
  EVERY_HOOK,
  offer,
  pass,
  request,
  Scene,
  START,
  state,
  take,
  withAgents,
  withBot,
  withdraw,
} from './scene.js'

const offered = (...receivers: string[]) => {
  const scene = withBot()
  scene.accept(offer('iva', ...receivers))
  return scene
}

describe('an offer', () => {
  test('asks the receiver, shows it what it missed, and leaves control where it is', () => {
    const scene = withBot().after(1)
    const accepted = scene.accept({ ...offer('iva', 'desk'), within: 90 })
    expect(accepted.outcome).toBe('pending')
    expect(accepted.effects).toEqual([
      {
        kind: 'event',
        type: 'thread_control',
        subtype: 'offered',
        conversationNumber: 1,
        to: ['desk'],
        metadata: { from: 'iva', to: 'desk', offer_number: 1, expires_at: '2026-11-22T09:01:31.000Z', epoch: 1 },
      },
      { kind: 'history', to: 'desk' },
    ])
    expect(scene.thread).toMatchObject({ owner: 'iva', epoch: 1, deadlineAt: START + 91_000 })
  })

  test('has the time that the policy gives where it says nothing', () => {
    const scene = withBot({ policy: { offerWithin: 30 } })
    scene.accept(offer('iva', 'desk'))
    expect(scene.thread.offer?.expiresAt).toBe(START + 30_000)
  })

  test('repeated gives the same answer; another one has to wait', () => {
    const scene = offered('desk')
    const { thread } = scene
    expect(scene.after(20).accept(offer('iva', 'desk'))).toEqual({ ok: true, thread, effects: [], outcome: 'pending' })
    expect(scene.refuse(offer('iva', 'salon'))).toMatchObject({ code: 'offer_pending', retryAfter: 40 })
    expect(scene.refuse(offer('iva', 'desk', 'salon')).code).toBe('offer_pending')
  })

  test('that has run out gives way to another, before any tick', () => {
    const scene = offered('desk', 'sac').after(60)
    expect(scene.tell(offer('iva', 'salon'))).toEqual([
      'thread_control/expired #1 > iva,desk',
      'thread_control/offered #1 > salon',
      'history > salon',
    ])
  })

  test('is made by who is in control alone', () => {
    const scene = withAgents('desk')
    expect(scene.refuse(offer('sac', 'salon')).code).toBe('not_owner')
    expect(scene.refuse({ ...offer('desk', 'iva'), caller: 'sac' }).code).toBe('requester_mismatch')
    expect(new Scene().refuse(offer('iva', 'desk')).code).toBe('no_conversation')
  })

  test.each([
    ['nobody', 'unknown_receiver'],
    ['md', 'receiver_not_allowed'],
    ['iva', 'receiver_not_allowed'],
  ])('to %s is refused: %s', (receiver, code) => expect(withBot().refuse(offer('iva', receiver)).code).toBe(code))

  test('goes to a listener that may be given control, and that can be asked', () => {
    const refused = (more: Parameters<Scene['set']>[1]) => withBot().set('desk', more).refuse(offer('iva', 'desk')).code
    const deaf = EVERY_HOOK.filter((hook) => hook !== 'thread_control.offered')
    expect(refused({ enabled: false })).toBe('receiver_disabled')
    expect(refused({ reachable: false })).toBe('receiver_unreachable')
    expect(refused({ failingSince: START - 60_000 })).toBe('receiver_unreachable')
    expect(refused({ hooks: new Set(deaf) })).toBe('receiver_not_allowed')
    expect(withAgents('desk').refuse(offer('desk', 'salon')).code).toBe('receiver_not_allowed')
  })
})

describe('the answer', () => {
  test('accepted: control goes over as by a pass', () => {
    const scene = offered('desk')
    const events = scene.events(accept('desk', '{"agent":{"id":"a-17"}}'))
    expect(events.map(({ subtype, to }) => [subtype, to])).toEqual([
      ['accepted', ['iva']],
      ['released', ['iva']],
      ['assigned', ['desk']],
      ['incomplete', 'all'],
    ])
    expect(events[0]?.metadata).toBe('{"agent":{"id":"a-17"},"from":"iva","to":"desk","offer_number":1,"epoch":2}')
    expect(events[2]?.metadata).toEqual({ from: 'iva', to: 'desk', reason: 'accepted', epoch: 2 })
    expect(scene.thread).toMatchObject({ owner: 'desk', offer: null, conversationState: 'incomplete' })
  })

  test('of a listener that hears nothing any more is refused for that', () => {
    const scene = offered('desk').set('desk', {
      hooks: new Set(EVERY_HOOK.filter((hook) => hook !== 'message.receive')),
    })
    const { code, message } = scene.refuse(accept('desk'))
    expect([code, message]).toEqual([
      'no_offer',
      "'desk' has no active hook for message/receive, so it hears nothing and cannot accept.",
    ])
    expect(scene.thread.offer).not.toBeNull()
  })

  test('said again changes nothing, and neither does the offer', () => {
    const scene = offered('desk')
    scene.accept(accept('desk'))
    expect(scene.accept(accept('desk'))).toMatchObject({ outcome: 'unchanged', effects: [] })
    expect(scene.accept(offer('iva', 'desk'))).toMatchObject({ outcome: 'unchanged', effects: [] })
  })

  test('an allocated agent accepts as well', () => {
    const scene = offered('desk')
    expect(scene.tell(agent('desk', 'allocated'))).toEqual([
      'thread_control/accepted #1 > iva',
      'thread_control/released #1 > iva',
      'thread_control/assigned #1 > desk',
      'conversation_state/incomplete #1 > all',
      'history > desk',
      'aeu_events/allocated #1 > all except desk',
      'conversation_state/pinned #1 > all',
    ])
  })

  test('an IVA that accepts gets the next conversation', () => {
    const scene = withAgents('desk')
    scene.accept(offer('desk', 'iva'))
    expect(scene.tell(accept('iva'))).toEqual([
      'thread_control/accepted #1 > desk',
      'thread_control/released #1 > desk',
      'conversation_state/complete #1 > all',
      'thread_control/assigned #2 > iva',
      'conversation_state/bot #2 > all',
    ])
  })

  test('declined: the offerer hears why, and keeps control', () => {
    const scene = offered('desk')
    const [declined, ...others] = scene.events(decline('desk', '{"reason":"busy"}'))
    expect(others).toEqual([])
    expect(declined).toMatchObject({
      subtype: 'declined',
      to: ['iva'],
      metadata: '{"reason":"busy","from":"iva","to":"desk","offer_number":1,"epoch":1}',
    })
    expect(scene.thread).toMatchObject({ owner: 'iva', epoch: 1, offer: null })
  })

  test('text that is no object is the reason', () => {
    const [declined] = offered('desk').events(decline('desk', 'No time'))
    expect(declined?.metadata).toEqual({ from: 'iva', to: 'desk', offer_number: 1, reason: 'No time', epoch: 1 })
  })

  test.each([accept, decline])('may name the offer, and counts for no other', (answer) => {
    const scene = offered('desk')
    expect(scene.refuse(answer('desk', '{"offer_number":2}')).code).toBe('no_offer')
    expect(scene.accept(answer('desk', '{"offer_number":1}')).outcome).toBe('done')
  })

  test('comes from who is asked alone', () => {
    const scene = offered('desk')
    expect(scene.refuse(accept('salon')).code).toBe('no_offer')
    expect(scene.refuse(decline('salon')).code).toBe('not_in_control')
    expect(scene.refuse(agent('salon', 'allocated')).code).toBe('not_in_control')
  })

  test('is refused once the offer is over', () => {
    const scene = offered('desk')
    scene.accept(withdraw('iva'))
    expect(scene.refuse(accept('desk'))).toMatchObject({ code: 'no_offer', owner: 'iva' })
  })

  test('of the owner to a request is another thing', () => {
    const scene = withAgents('desk')
    scene.accept(request('salon'))
    scene.accept(offer('desk', 'sac'))
    const [declined] = scene.events(decline('desk'))
    expect(declined).toMatchObject({ to: ['salon'], metadata: { from: 'salon', to: 'desk' } })
    expect(scene.thread.offer).toMatchObject({ to: 'sac' })
  })
})

describe('no answer', () => {
  test('both hear that it has expired', () => {
    const scene = offered('desk').after(60)
    const [expired] = scene.events({ kind: 'tick' })
    expect(expired).toMatchObject({ subtype: 'expired', to: ['iva', 'desk'] })
    expect(expired?.metadata).toEqual({ from: 'iva', to: 'desk', offer_number: 1, epoch: 1 })
    expect(scene.thread).toMatchObject({ owner: 'iva', offer: null })
    expect(scene.refuse(accept('desk')).code).toBe('no_offer')
  })

  test('a receiver that is disabled or cannot be reached is not waited for', () => {
    const gone = offered('desk').set('desk', { enabled: false })
    expect(gone.events({ kind: 'disabled', listener: 'desk' })[0]).toMatchObject({
      subtype: 'expired',
      metadata: { reason: 'disabled' },
    })
    const lost = offered('desk')
      .after(10)
      .set('desk', { failingSince: START - 55_000 })
    lost.accept({ kind: 'ceu_message' })
    expect(lost.thread.deadlineAt).toBe(START + 5_000)
    expect(lost.events({ kind: 'tick' })[0]).toMatchObject({ subtype: 'expired', metadata: { reason: 'unreachable' } })
  })
})

describe('an offer to several', () => {
  test('asks the next one after each decline and each expiry, with a time of its own', () => {
    const scene = offered('desk', 'salon', 'sac').after(10)
    const [declined, next] = scene.events(decline('desk'))
    expect(declined?.metadata).toMatchObject({ offer_number: 1, next: 'salon' })
    expect(next).toMatchObject({ subtype: 'offered', to: ['salon'], metadata: { offer_number: 2 } })
    expect(scene.thread.offer?.expiresAt).toBe(START + 70_000)
    expect(scene.after(60).tick()).toEqual([
      'thread_control/expired #1 > iva,salon',
      'thread_control/offered #1 > sac',
      'history > sac',
    ])
    expect(scene.refuse(accept('desk')).code).toBe('no_offer')
    expect(scene.accept(accept('sac')).thread.owner).toBe('sac')
  })

  test('leaves out who cannot be given control', () => {
    const scene = withBot().set('desk', { enabled: false }).set('sac', { reachable: false })
    scene.accept(offer('iva', 'desk', 'salon', 'sac'))
    expect(scene.thread.offer?.to).toBe('salon')
    expect(scene.tell(decline('salon'))).toEqual(['thread_control/declined #1 > iva'])
    expect(scene.thread.offer).toBeNull()
  })
})

describe('it is withdrawn', () => {
  test('by the offerer', () => {
    const scene = offered('desk', 'salon')
    expect(scene.tell(withdraw('iva'))).toEqual(['thread_control/withdrawn #1 > desk,iva except iva'])
    expect(scene.accept(withdraw('iva'))).toMatchObject({ outcome: 'unchanged' })
    expect(scene.refuse(withdraw('desk')).code).toBe('not_in_control')
  })

  test.each([
    ['a pass', pass('iva', 'salon'), 'passed'],
    ['a pass to who is asked', pass('iva', 'desk'), 'passed'],
    ['a take', take('sac'), 'taken'],
    ['the end of the conversation', state('iva', 'complete'), 'complete'],
  ])('by %s', (_, command, reason) => {
    const withdrawn = offered('desk', 'salon')
      .events(command)
      .filter(({ subtype }) => subtype === 'withdrawn')
    expect(withdrawn).toMatchObject([{ to: ['desk', 'iva'], metadata: { offer_number: 1, reason } }])
  })

  test('by the idle time, and where the owner is lost', () => {
    const idle = offered('desk').after(86_400)
    expect(idle.tick()).toEqual(['conversation_state/complete #1 > all', 'thread_control/withdrawn #1 > desk,iva'])
    const lost = withAgents('desk')
    lost.accept(offer('desk', 'sac'))
    lost.after(60).set('desk', { failingSince: START })
    expect(lost.tick().slice(0, 2)).toEqual([
      'thread_control/returned #1 > desk,iva',
      'thread_control/withdrawn #1 > sac,desk',
    ])
  })
})
