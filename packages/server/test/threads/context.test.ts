import { describe, expect, test } from '@jest/globals'
import type { EventEffect } from '../../src/threads/types.js'
import { decline, pass, request, Scene, state, take, withAgents, withBot } from './scene.js'

const billing = { reason: 'billing', summary: 'A charge that Asha does not know.' }
const refund = { reason: 'refund', team: 'payments' }

const told = (events: readonly EventEffect[]) =>
  events.map(({ subtype, metadata }) => [subtype, (metadata as { context?: unknown } | null)?.context])

describe('the context of a pass', () => {
  test('goes to both sides and out with the state, and stays with control', () => {
    const scene = withBot()
    expect(told(scene.events({ ...pass('iva', 'desk'), context: billing }))).toEqual([
      ['released', billing],
      ['assigned', billing],
      ['incomplete', billing],
    ])
    expect(scene.thread.memory.context).toEqual(billing)
    scene.accept(state('desk', 'pinned'))
    scene.ceu()
    expect(scene.thread.memory.context).toEqual(billing)
  })

  test('ends with control', () => {
    const passed = () => {
      const scene = withBot()
      scene.accept({ ...pass('iva', 'desk'), context: billing })
      return scene
    }
    const [on, over, back] = [passed(), passed(), passed()]
    on.accept(pass('desk', 'sac'))
    over.accept(state('desk', 'complete'))
    back.accept({ kind: 'unreachable', listener: 'desk', failingSince: back.now - 60_000 })
    for (const { thread } of [on, over, back]) expect(thread.memory.context).toBeNull()
  })

  test('to an IVA is told to both sides, and not with a state: none waits for a person', () => {
    expect(told(withAgents('desk').events({ ...pass('desk', 'iva'), context: refund }))).toEqual([
      ['released', refund],
      ['complete', undefined],
      ['assigned', refund],
      ['bot', undefined],
    ])
  })

  test('without an open conversation goes out with the state of the next one', () => {
    const scene = withBot()
    scene.accept(state('iva', 'complete'))
    scene.accept({ ...pass('iva', 'desk'), context: billing })
    expect(told(scene.events({ kind: 'ceu_message' }))).toEqual([['incomplete', billing]])
  })

  test('is that of the first pass where it is repeated', () => {
    const scene = withBot()
    scene.accept({ ...pass('iva', 'desk'), context: billing })
    expect(scene.accept({ ...pass('iva', 'desk'), context: refund })).toMatchObject({ outcome: 'unchanged' })
    expect(scene.thread.memory.context).toEqual(billing)
  })
})

describe('the context of a request', () => {
  const asked = () => {
    const scene = withAgents('desk')
    expect(told(scene.events({ ...request('salon'), context: billing }))).toEqual([['requested', billing]])
    return scene
  }

  test('comes along where it is granted', () => {
    const scene = asked()
    expect(told(scene.events(pass('desk', 'salon')))).toEqual([
      ['released', billing],
      ['granted', undefined],
      ['assigned', billing],
      ['incomplete', billing],
    ])
    expect(scene.thread.memory.context).toEqual(billing)
  })

  test('gives way to that of the pass', () => {
    const scene = asked()
    scene.accept({ ...pass('desk', 'salon'), context: refund })
    expect(scene.thread.memory.context).toEqual(refund)
  })

  test('comes along with nothing else', () => {
    const [elsewhere, declined] = [asked(), asked()]
    elsewhere.accept(pass('desk', 'sac'))
    declined.accept(decline('desk'))
    for (const { thread } of [elsewhere, declined]) {
      expect(thread.memory.context).toBeNull()
      expect(thread.pendingRequest).toBeNull()
    }
  })

  test('that needs no answer comes with control', () => {
    const scene = withAgents('desk', { policy: { onRequest: 'grant' } })
    scene.accept({ ...request('salon'), context: billing })
    expect(scene.thread.memory.context).toEqual(billing)
  })
})

test('the context of a take is the taker’s, and the owner before is not told of it', () => {
  expect(told(withAgents('desk').events({ ...take('sac'), context: refund }))).toEqual([
    ['taken', undefined],
    ['assigned', refund],
    ['incomplete', refund],
  ])
})

test('a thread that was stored before there were contexts has none', () => {
  const scene = withAgents('desk')
  const { context: _, ...memory } = scene.thread.memory
  scene.thread = { ...scene.thread, memory }
  expect(told(scene.events(pass('desk', 'sac')))).toEqual([
    ['released', undefined],
    ['assigned', undefined],
    ['incomplete', undefined],
  ])
  const again = new Scene()
  again.thread = { ...scene.thread, memory, owner: 'sac', conversationState: 'complete' }
  expect(told(again.events({ kind: 'ceu_message' }))).toEqual([['incomplete', undefined]])
})
