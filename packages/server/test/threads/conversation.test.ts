import { describe, expect, test } from '@jest/globals'
import {
  desk,
  everybody,
  iva,
  type listener,
  md,
  pass,
  Scene,
  sac,
  salon,
  says,
  state,
  take,
  watcher,
  withAgents,
  withBot,
} from './scene.js'

describe('a CEU message without an open conversation', () => {
  test('opens conversation 1 with the IVA, which is told before the message', () => {
    const scene = new Scene()
    expect(scene.ceu()).toEqual(['thread_control/assigned #1 > iva', 'conversation_state/bot #1 > all'])
    expect(scene.thread).toMatchObject({
      owner: 'iva',
      epoch: 1,
      conversationNumber: 1,
      conversationState: 'bot',
      pendingRequest: null,
    })
  })

  test('opens in state incomplete where the default is no IVA', () => {
    const scene = new Scene({ policy: { defaultListener: 'desk' } })
    expect(scene.ceu()).toEqual(['thread_control/assigned #1 > desk', 'conversation_state/incomplete #1 > all'])
  })

  test('tells number, owner and epoch, the number as a string', () => {
    const [assigned, bot] = new Scene().events({ kind: 'ceu_message' })
    expect(assigned?.metadata).toEqual({ from: null, to: 'iva', epoch: 1 })
    expect(bot?.metadata).toEqual({ conversation_number: '1', owner: 'iva', epoch: 1 })
  })

  test('opens the next number after a completed one, the default in control again', () => {
    const scene = withAgents('desk')
    scene.accept(state('desk', 'complete'))
    expect(scene.thread).toMatchObject({ owner: null, epoch: 3, conversationState: 'complete', conversationNumber: 1 })
    expect(scene.ceu()).toEqual(['thread_control/assigned #2 > iva', 'conversation_state/bot #2 > all'])
    expect(scene.thread).toMatchObject({ owner: 'iva', epoch: 4 })
  })

  test('leaves control with whoever an explicit pass gave it to, and tells the state only', () => {
    const scene = withAgents('desk')
    scene.accept(state('desk', 'complete'))
    scene.accept(pass('iva', 'salon'))
    expect(scene.thread).toMatchObject({ owner: 'salon', conversationNumber: 1, conversationState: 'complete' })
    const { epoch } = scene.thread
    expect(scene.ceu()).toEqual(['conversation_state/incomplete #2 > all'])
    expect(scene.thread).toMatchObject({ owner: 'salon', epoch, conversationNumber: 2 })
  })

  test('goes to the default where the one it was left with has been disabled since', () => {
    const scene = withBot()
    scene.accept(state('iva', 'complete'))
    scene.accept(take('sac'))
    scene.accept({ kind: 'request', requester: 'desk', receiver: 'desk' })
    scene.set('sac', { enabled: false })
    expect(scene.ceu()).toEqual([
      'thread_control/declined #1 > desk',
      'thread_control/assigned #2 > iva',
      'conversation_state/bot #2 > all',
    ])
    expect(scene.thread).toMatchObject({ owner: 'iva', pendingRequest: null })
  })
})

describe('a listener that has removed its hook for messages', () => {
  const deaf = { hooks: new Set(['conversation_state.incomplete']) }

  test('loses control with the next message of the CEU, which goes to the default', () => {
    const scene = withAgents('desk')
    scene.set('desk', deaf)
    expect(scene.ceu()).toEqual(['thread_control/returned #1 > desk,iva', 'conversation_state/bot #1 > all'])
    expect(scene.thread).toMatchObject({ owner: 'iva', memory: { failed: ['desk'], returned: true } })
  })

  test('is not left with the next conversation', () => {
    const scene = withAgents('desk')
    scene.accept(state('desk', 'complete'))
    scene.accept(pass('iva', 'salon'))
    scene.set('salon', deaf)
    expect(scene.ceu()).toEqual(['thread_control/assigned #2 > iva', 'conversation_state/bot #2 > all'])
  })

  test('keeps control where it is the default, and no fallback hears more', () => {
    const scene = withBot()
    scene.accept(state('iva', 'complete'))
    scene.accept(pass('iva', 'iva'))
    const { epoch } = scene.thread
    scene.set('iva', deaf)
    expect(scene.ceu()).toEqual(['conversation_state/bot #2 > all'])
    expect(scene.ceu()).toEqual([])
    expect(scene.thread).toMatchObject({ owner: 'iva', epoch })
  })

  test('hands on to the fallback where it is the default', () => {
    const scene = new Scene({ policy: { fallbackListener: 'desk' } })
    scene.accept({ kind: 'ceu_message' })
    scene.set('iva', deaf)
    scene.ceu()
    expect(scene.thread.owner).toBe('desk')
  })
})

describe('the default listener', () => {
  const opensWith = (listeners: readonly ReturnType<typeof listener>[], defaultListener: string | null = null) => {
    const scene = new Scene({ listeners, policy: { defaultListener } })
    scene.accept({ kind: 'ceu_message' })
    return scene.thread.owner
  }

  test('is the choice of the organisation before anything else', () =>
    expect(opensWith(everybody, 'salon')).toBe('salon'))
  test('is else the IVA', () => expect(opensWith([salon, sac, iva])).toBe('iva'))
  test('is else the SAC', () => expect(opensWith([desk, salon, sac])).toBe('sac'))
  test('is else the only ECT', () => expect(opensWith([md, desk, watcher])).toBe('desk'))
  test('is never a disabled one', () => {
    expect(opensWith([{ ...iva, enabled: false }, sac, desk])).toBe('sac')
    expect(opensWith([iva, { ...desk, enabled: false }], 'desk')).toBe('iva')
    expect(opensWith([desk, { ...salon, enabled: false }])).toBe('desk')
  })
  test('is never md or analytics, whatever is configured', () => expect(opensWith([md, sac], 'md')).toBe('sac'))

  test.each([
    ['nobody', []],
    ['two ECTs', [desk, salon]],
    ['those who never hold control', [md, watcher]],
  ])('does not exist among %s: the message is refused', (_, listeners) => {
    const scene = new Scene({ listeners })
    expect(scene.refuse({ kind: 'ceu_message' })).toMatchObject({ code: 'no_default_receiver', owner: null, epoch: 0 })
  })
})

describe('a CEU message in an open conversation', () => {
  test('changes nothing but the time of the last activity', () => {
    const scene = withBot().after(5)
    const before = scene.thread
    expect(scene.ceu()).toEqual([])
    expect(scene.thread).toEqual({ ...before, lastActivityAt: scene.now, deadlineAt: scene.now + 86_400_000 })
  })

  test('brings a waiting conversation back to pinned, before the message', () => {
    const scene = withAgents('desk')
    scene.accept(state('desk', 'waiting'))
    expect(scene.ceu()).toEqual(['conversation_state/pinned #1 > all'])
    expect(scene.thread.conversationState).toBe('pinned')
    expect(scene.ceu()).toEqual([])
  })

  test('returns control to the default first where the owner is disabled', () => {
    const scene = withAgents('desk').set('desk', { enabled: false })
    expect(scene.ceu()).toEqual(['thread_control/returned #1 > desk,iva', 'conversation_state/bot #1 > all'])
    expect(scene.thread).toMatchObject({ owner: 'iva', conversationNumber: 1 })
  })

  test('is accepted all the same where control cannot return a second time', () => {
    const scene = withAgents('desk').set('desk', { enabled: false })
    scene.ceu()
    scene.accept(pass('iva', 'salon'))
    scene.set('salon', { enabled: false })
    expect(scene.ceu()).toEqual([])
    expect(scene.thread).toMatchObject({ owner: 'salon', epoch: 4 })
  })
})

describe('messages of listeners', () => {
  test('are accepted from the owner', () => {
    const scene = withAgents('desk').after(7)
    expect(scene.tell(says('desk'))).toEqual([])
    expect(scene.thread.lastActivityAt).toBe(scene.now)
  })

  test.each(['iva', 'sac', 'salon', 'md', 'nobody'])('are refused from %s, which is not in control', (from) => {
    expect(withAgents('desk').refuse(says(from))).toMatchObject({ code: 'not_in_control', owner: 'desk', epoch: 2 })
  })

  test('a late reply of the IVA after its pass is refused', () => {
    const scene = withBot()
    scene.accept(says('iva', 'iva'))
    scene.accept(pass('iva', 'desk'))
    expect(scene.refuse(says('iva', 'iva')).code).toBe('not_in_control')
  })

  test('are refused from everybody after completion, and before the first conversation', () => {
    const scene = withAgents('desk')
    expect(new Scene().refuse(says('iva', 'iva')).code).toBe('not_in_control')
    scene.accept(state('desk', 'complete'))
    expect(scene.refuse(says('desk'))).toMatchObject({ code: 'not_in_control', owner: null })
  })

  test('of the house need no control and count as activity', () => {
    const scene = withAgents('desk').after(9)
    expect(scene.tell({ kind: 'haptik_message', from: 'md' })).toEqual([])
    expect(scene.thread).toMatchObject({ owner: 'desk', lastActivityAt: scene.now })
  })
})
