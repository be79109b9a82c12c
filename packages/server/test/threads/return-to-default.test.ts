import { describe, expect, test } from '@jest/globals'
import { pass, request, type Scene, says, state, withAgents, withBot } from './scene.js'

const fails = (scene: Scene, listener: string, seconds = 60) => ({
  kind: 'unreachable' as const,
  listener,
  failingSince: scene.now - seconds * 1000,
})

describe('an owner that cannot be reached', () => {
  test('loses control to the default, in the same conversation, and the CEU is told', () => {
    const scene = withAgents('desk', { policy: { returnedMessage: 'Back with the assistant.' } })
    const accepted = scene.accept(fails(scene, 'desk'))
    expect(accepted.effects).toEqual([
      expect.objectContaining({
        subtype: 'returned',
        to: ['desk', 'iva'],
        metadata: { from: 'desk', to: 'iva', epoch: 3, reason: 'unreachable' },
      }),
      expect.objectContaining({
        subtype: 'bot',
        conversationNumber: 1,
        formerOwner: 'desk',
        metadata: { conversation_number: '1', owner: 'iva', epoch: 3, reason: 'unreachable' },
      }),
      { kind: 'say', text: 'Back with the assistant.' },
    ])
    expect(scene.thread).toMatchObject({ owner: 'iva', epoch: 3, conversationNumber: 1, conversationState: 'bot' })
  })

  test('a desk that is the default starts at incomplete and gets the history', () => {
    const scene = withAgents('desk')
    scene.policy = { ...scene.policy, defaultListener: 'sac' }
    expect(scene.tell(fails(scene, 'desk'))).toEqual([
      'thread_control/returned #1 > desk,sac',
      'conversation_state/incomplete #1 > all',
      'history > sac',
    ])
    expect(scene.thread).toMatchObject({ owner: 'sac', conversationState: 'incomplete' })
  })

  test('keeps it until the limit has passed', () => {
    const scene = withAgents('desk')
    expect(scene.accept(fails(scene, 'desk', 59.999)).outcome).toBe('unchanged')
    expect(scene.accept(fails(scene, 'desk', 60)).outcome).toBe('done')
  })

  test('answers what is pending', () => {
    const scene = withAgents('desk')
    scene.accept(request('salon'))
    expect(scene.tell(fails(scene, 'desk'))).toContain('thread_control/declined #1 > salon')
    const asked = withAgents('desk')
    asked.accept(request('iva'))
    expect(asked.tell(fails(asked, 'desk'))).toContain('thread_control/granted #1 > iva')
  })

  test('does not count as activity', () => {
    const scene = withAgents('desk').after(100)
    const { lastActivityAt } = scene.thread
    scene.accept(fails(scene, 'desk'))
    expect(scene.thread.lastActivityAt).toBe(lastActivityAt)
  })

  test('somebody else who cannot be reached changes nothing', () => {
    const scene = withAgents('desk')
    expect(scene.accept(fails(scene, 'salon', 600))).toMatchObject({ outcome: 'unchanged', thread: scene.thread })
  })

  test('the default itself keeps control, and may be passed to again', () => {
    const scene = withBot()
    const before = scene.thread
    expect(scene.accept(fails(scene, 'iva'))).toMatchObject({ thread: before, effects: [], outcome: 'unchanged' })
  })

  test('loses it once per conversation at most', () => {
    const scene = withAgents('desk')
    scene.accept(fails(scene, 'desk'))
    scene.accept(pass('iva', 'salon'))
    expect(scene.accept(fails(scene, 'salon')).outcome).toBe('unchanged')
    expect(scene.thread.owner).toBe('salon')
    expect(scene.refuse(says('iva', 'iva')).code).toBe('not_in_control')
  })

  test('loses it again in the next conversation', () => {
    const scene = withAgents('desk')
    scene.accept(fails(scene, 'desk'))
    scene.accept(state('iva', 'complete'))
    scene.ceu()
    scene.accept(pass('iva', 'desk'))
    expect(scene.accept(fails(scene, 'desk')).thread.owner).toBe('iva')
  })

  test('never loses it to one that failed before, though that is the default by now', () => {
    const scene = withAgents('desk')
    scene.set('iva', { enabled: false }).set('sac', { enabled: false })
    expect(scene.accept(fails(scene, 'desk')).outcome).toBe('unchanged')
    expect(scene.thread.memory).toMatchObject({ failed: ['desk'], returned: false })
    scene.set('iva', { enabled: true }).accept(pass('iva', 'salon'))
    scene.policy = { ...scene.policy, defaultListener: 'desk' }
    expect(scene.accept(fails(scene, 'salon')).outcome).toBe('unchanged')
    expect(scene.thread.owner).toBe('salon')
    scene.policy = { ...scene.policy, defaultListener: 'sac' }
    scene.set('sac', { enabled: true })
    expect(scene.accept(fails(scene, 'salon')).thread.owner).toBe('sac')
  })

  test('keeps it where there is no default', () => {
    const scene = withAgents('desk')
    scene.set('iva', { enabled: false }).set('sac', { enabled: false })
    expect(scene.accept(fails(scene, 'desk')).outcome).toBe('unchanged')
    expect(scene.thread.owner).toBe('desk')
  })

  test('loses control of a completed conversation quietly', () => {
    const scene = withBot({ policy: { returnedMessage: 'Back with the assistant.' } })
    scene.accept(state('iva', 'complete'))
    scene.accept(pass('iva', 'desk'))
    expect(scene.tell(fails(scene, 'desk'))).toEqual(['thread_control/returned #1 > desk,iva'])
    expect(scene.thread).toMatchObject({ owner: 'iva', conversationState: 'complete', conversationNumber: 1 })
  })
})

describe('an owner that was disabled', () => {
  const disabled = { kind: 'disabled' as const, listener: 'desk' }

  test('loses control to the default', () => {
    const scene = withAgents('desk').set('desk', { enabled: false })
    const [returned] = scene.events(disabled)
    expect(returned).toMatchObject({ subtype: 'returned', metadata: { reason: 'disabled' } })
    expect(scene.thread.owner).toBe('iva')
  })

  test('keeps it where it has been enabled again by now', () =>
    expect(withAgents('desk').accept(disabled).outcome).toBe('unchanged'))

  test('is not missed where it was not in control', () =>
    expect(withAgents('salon').set('desk', { enabled: false }).accept(disabled).outcome).toBe('unchanged'))

  test('was the default: the next default takes its place', () => {
    const scene = withBot().set('iva', { enabled: false })
    scene.accept({ kind: 'disabled', listener: 'iva' })
    expect(scene.thread).toMatchObject({ owner: 'sac', conversationState: 'incomplete' })
  })

  test('counts as one that failed, enabled again or not', () => {
    const scene = withAgents('desk').set('desk', { enabled: false })
    scene.accept(disabled)
    expect(scene.refuse(pass('iva', 'desk')).code).toBe('receiver_disabled')
    expect(scene.set('desk', { enabled: true }).refuse(pass('iva', 'desk')).code).toBe('receiver_unreachable')
  })
})

describe('the default itself fails', () => {
  const policy = { fallbackListener: 'desk', returnedMessage: 'A person will answer.' }
  const failing = () => {
    const scene = withBot({ policy })
    return scene.set('iva', { failingSince: scene.now, reachable: false }).after(60)
  }

  test('the thread goes to the fallback, in the same conversation, and the CEU is told', () => {
    const scene = failing()
    scene.accept({ kind: 'ceu_message' })
    expect(scene.thread.deadlineAt).toBe(scene.now)
    expect(scene.tick()).toEqual([
      'thread_control/returned #1 > iva,desk',
      'conversation_state/incomplete #1 > all',
      'history > desk',
      'say "A person will answer."',
    ])
    expect(scene.thread).toMatchObject({ owner: 'desk', conversationNumber: 1, conversationState: 'incomplete' })
  })

  test('so does one whose desk fails while the default cannot be reached', () => {
    const scene = withAgents('salon', { policy }).set('iva', { reachable: false })
    scene.accept(fails(scene, 'salon'))
    expect(scene.thread.owner).toBe('desk')
  })

  test.each([{ enabled: false }, { reachable: false }, { closed: true }, { hooks: new Set<string>() }])(
    'it stays with the default where the fallback is %j',
    (more) => {
      const scene = failing().set('desk', more)
      expect(scene.tick()).toEqual([])
      expect(scene.thread).toMatchObject({ owner: 'iva', memory: { failed: [] } })
    },
  )

  test('it stays at the fallback where that fails too, once both have failed', () => {
    const scene = failing()
    scene.tick()
    scene.after(60).set('desk', { failingSince: scene.now - 60_000, reachable: false })
    expect(scene.tick()).toEqual([])
    expect(scene.thread).toMatchObject({ owner: 'desk', memory: { failed: ['iva', 'desk'] } })
  })

  test('the next conversation is with the default again', () => {
    const scene = failing()
    scene.tick()
    scene.accept(state('desk', 'complete'))
    scene.set('iva', { failingSince: null, reachable: true }).ceu()
    expect(scene.thread).toMatchObject({ owner: 'iva', conversationNumber: 2, memory: { fellBack: false } })
  })
})
