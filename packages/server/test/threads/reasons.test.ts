/** What a listener is told where it is refused, or where nothing follows, is true. */
import { describe, expect, test } from '@jest/globals'
import { type ThreadAction, threadActions } from '../../src/threads/actions.js'
import {
  accept,
  agent,
  decline,
  offer,
  pass,
  request,
  type Scene,
  START,
  state,
  take,
  withAgents,
  withBot,
  withdraw,
} from './scene.js'

const actionsOf = ({ thread, listeners, policy, now }: Scene) => threadActions(thread, listeners, policy, now)

/** Why the listener may not do it, or has nothing to do. */
const reason = (scene: Scene, listener: string, action: ThreadAction['action'], receiver?: string) =>
  actionsOf(scene).find(
    (one) => one.listener === listener && one.action === action && (!receiver || one.receiver === receiver),
  )?.reason

describe('a listener that had control of this conversation', () => {
  const lost = {
    disabled(scene: Scene) {
      scene.set('desk', { enabled: false }).accept({ kind: 'disabled', listener: 'desk' })
      scene.set('desk', { enabled: true })
    },
    unreachable: (scene: Scene) =>
      void scene.accept({ kind: 'unreachable', listener: 'desk', failingSince: START - 60_000 }),
    not_allocated: (scene: Scene) => void scene.after(30).tick(),
  }

  test.each([
    ['disabled', "'desk' was disabled while in control"],
    ['unreachable', "'desk' could not be reached"],
    ['not_allocated', "no agent of 'desk' was there in time"],
  ] as const)('and was %s gets it again only if it asks, and is told why', (failure, what) => {
    const scene = withAgents('desk', { policy: { allocateWithin: 30 } })
    lost[failure](scene)
    expect(scene.thread.owner).toBe('iva')
    const told = {
      code: 'receiver_unreachable',
      message: `In this conversation ${what}: it gets control again only if it asks for it.`,
    }
    expect(reason(scene, 'iva', 'pass', 'desk')).toEqual(told)
    expect(reason(scene, 'iva', 'offer', 'desk')).toEqual(told)
    expect(scene.refuse(pass('iva', 'desk'))).toMatchObject(told)
    scene.accept(request('desk'))
    expect(reason(scene, 'iva', 'pass', 'desk')).toBeUndefined()
  })

  test('and failed before reasons were kept is told so much', () => {
    const scene = withAgents('desk')
    lost.disabled(scene)
    const { failures: _, ...memory } = scene.thread.memory
    scene.thread = { ...scene.thread, memory }
    expect(scene.refuse(pass('iva', 'desk')).message).toBe(
      "In this conversation 'desk' has failed: it gets control again only if it asks for it.",
    )
  })

  test('is told the last of several reasons, and none of another conversation', () => {
    const scene = withAgents('desk', { policy: { allocateWithin: 30, fallbackListener: 'sac' } })
    lost.not_allocated(scene)
    scene.accept(request('desk'))
    scene.accept(pass('iva', 'desk'))
    lost.disabled(scene)
    expect(scene.refuse(pass('sac', 'desk')).message).toMatch(/ 'desk' was disabled/)
    scene.accept(take('sac'))
    scene.accept(state('sac', 'complete'))
    scene.ceu()
    expect(reason(scene, 'iva', 'pass', 'desk')).toBeUndefined()
  })
})

describe('where nothing follows, it says why', () => {
  const HERE = "'iva' is in control already."

  test('without an offer or a request', () => {
    const scene = withBot()
    const all = actionsOf(scene).filter(({ listener, reason }) => listener === 'iva' && reason?.code === 'unchanged')
    expect(Object.fromEntries(all.map(({ action, reason }) => [action, reason?.message]))).toEqual({
      take: HERE,
      request: HERE,
      accepted: HERE,
      declined: 'There is no request to decline.',
      withdrawn: 'There is no offer to withdraw.',
    })
  })

  test('and of what is said a second time', () => {
    const scene = withAgents('desk')
    scene.accept(agent('desk', 'allocated'))
    expect(reason(scene, 'desk', 'pinned')?.message).toBe('The conversation is pinned already.')
    expect(reason(scene, 'iva', 'pass', 'desk')?.message).toBe("'desk' is in control already.")
    scene.accept(state('desk', 'waiting'))
    expect(reason(scene, 'desk', 'waiting')?.message).toBe('The conversation is waiting already.')
  })

  test('is not said where there is something to answer', () => {
    const asked = withBot()
    asked.accept(request('desk'))
    expect(reason(asked, 'iva', 'declined')).toBeUndefined()
    const offered = withBot()
    offered.accept(offer('iva', 'desk'))
    expect([reason(offered, 'iva', 'withdrawn'), reason(offered, 'desk', 'accepted')]).toEqual([undefined, undefined])
    expect(offered.accept(decline('desk')).outcome).toBe('done')
    for (const again of [withdraw('iva'), accept('iva')])
      expect(offered.accept(again)).toMatchObject({ outcome: 'unchanged', effects: [] })
  })
})
