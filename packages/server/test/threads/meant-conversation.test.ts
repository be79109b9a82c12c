import { describe, expect, test } from '@jest/globals'
import type { Command } from '../../src/threads/types.js'
import { agent, decline, pass, request, Scene, says, state, take, withAgents, withBot } from './scene.js'

/** Of one who holds control, and of others. */
const COMMANDS = {
  message: says('desk', 'aeu'),
  'message of the user': { kind: 'ceu_message' as const },
  'message of the platform': { kind: 'haptik_message' as const, from: 'md' },
  'state event': state('desk', 'pinned'),
  completion: state('desk', 'complete'),
  'agent event': agent('desk', 'allocated'),
  'event of another desk': agent('salon', 'entity_update'),
  decline: decline('desk'),
  pass: pass('desk', 'sac'),
  take: take('sac'),
  request: request('salon'),
}

const meant = (command: Command, conversation: number) => ({ ...command, conversation }) as Command

/** Conversation 1 with the desk, and then conversation 2. */
function second() {
  const scene = withAgents('desk')
  scene.accept(pass('desk', 'iva'))
  scene.accept(pass('iva', 'desk'))
  expect(scene.thread).toMatchObject({ owner: 'desk', conversationNumber: 2 })
  return scene
}

/** Conversation 1, completed, and control with the desk again. */
function completed() {
  const scene = withAgents('desk')
  scene.accept(state('desk', 'complete'))
  scene.accept(pass('iva', 'desk'))
  return scene
}

describe.each(Object.entries(COMMANDS))('a %s that is meant for a conversation', (_, command) => {
  test('is as any other while that is open', () => {
    const [tied, loose] = [second(), second()]
    expect(tied.accept(meant(command, 2))).toEqual(loose.accept(command))
  })

  test('is refused once another one is open, also of the listener that is in control of it', () => {
    expect(second().refuse(meant(command, 1))).toEqual({
      code: 'conversation_over',
      message: "Conversation 1 is over: conversation 2 is open, and 'desk' is in control.",
      owner: 'desk',
      conversationNumber: 2,
      epoch: 4,
    })
  })

  test('is refused once that is complete, though none else is open', () => {
    expect(completed().refuse(meant(command, 1))).toMatchObject({
      code: 'conversation_over',
      message: "Conversation 1 is over: none is open, and 'desk' is in control.",
      conversationNumber: 1,
    })
  })

  test('is refused where there is no such conversation', () => {
    expect(withAgents('desk').refuse(meant(command, 7))).toMatchObject({
      code: 'conversation_over',
      message: "Conversation 7 is not there: conversation 1 is open, and 'desk' is in control.",
    })
    expect(new Scene().refuse(meant(command, 1)).message).toBe(
      'Conversation 1 is not there: none is open, and nobody is in control.',
    )
  })
})

describe('a pass to `default`', () => {
  test('goes to the listener that gets new conversations', () => {
    expect(withAgents('desk').accept(pass('desk', 'default')).thread.owner).toBe('iva')
    const scene = withBot({ policy: { defaultListener: 'salon' } })
    scene.accept(take('sac'))
    scene.after(3).accept(pass('sac', 'desk'))
    expect(scene.accept(pass('desk', 'default')).thread.owner).toBe('salon')
  })

  test('changes nothing where it is repeated', () => {
    const scene = withAgents('desk')
    scene.accept(pass('desk', 'default'))
    expect(scene.accept(pass('desk', 'default')).outcome).toBe('unchanged')
  })

  test('goes to a listener that is called so', () => {
    const scene = withAgents('desk').set('desk', { mayPassTo: 'any' }).set('salon', { id: 'default' })
    expect(scene.accept(pass('desk', 'default')).thread.owner).toBe('default')
  })

  test('is refused where there is none', () => {
    const scene = withAgents('desk')
    for (const id of ['iva', 'sac']) scene.set(id, { enabled: false })
    expect(scene.refuse(pass('desk', 'default'))).toMatchObject({ code: 'unknown_receiver', owner: 'desk' })
  })

  test('is no name for one’s own, nor for whom control is wanted from', () => {
    expect(withAgents('desk').refuse(take('sac', 'default')).code).toBe('unknown_receiver')
    expect(withAgents('desk').refuse(request('salon', 'default')).code).toBe('unknown_receiver')
  })
})
