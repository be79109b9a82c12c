import { expect, test } from '@jest/globals'
import { decline, desk, iva, pass, request, START, state, take, withAgents, withBot } from './scene.js'

const REOPENS = START + 3_600_000
const closed = { closed: true, reopensAt: REOPENS }

test('a pass to a closed receiver is refused, with when it opens', () => {
  const scene = withBot().set('desk', closed)
  expect(scene.refuse(pass('iva', 'desk'))).toMatchObject({
    code: 'receiver_closed',
    message: `'desk' is closed; it opens again at ${new Date(REOPENS).toISOString()}.`,
    owner: 'iva',
    reopensAt: REOPENS,
  })
  expect(scene.set('desk', { closed: true, reopensAt: null }).refuse(pass('iva', 'desk'))).not.toHaveProperty(
    'reopensAt',
  )
})

test('it goes there if the requester would have the user wait', () => {
  const scene = withBot().set('desk', closed)
  expect(scene.accept({ ...pass('iva', 'desk'), whenClosed: 'wait' }).thread.owner).toBe('desk')
})

test('other reasons come first', () => {
  const scene = withBot().set('desk', { ...closed, reachable: false })
  expect(scene.refuse(pass('iva', 'desk')).code).toBe('receiver_unreachable')
  const wait = { ...pass('iva', 'desk'), whenClosed: 'wait' } as const
  expect(scene.refuse(wait).code).toBe('receiver_unreachable')
})

test('the default gets a thread back, closed or not', () => {
  const scene = withAgents('desk').set('iva', closed)
  expect(scene.accept(pass('desk', 'iva')).thread.owner).toBe('iva')
  const failing = withAgents('desk').set('iva', closed)
  failing.accept({ kind: 'unreachable', listener: 'desk', failingSince: failing.now - 60_000 })
  expect(failing.thread.owner).toBe('iva')
})

test('a listener that asks for control gets it, closed or not', () => {
  const scene = withBot().set('desk', closed)
  scene.accept(request('desk'))
  expect(scene.accept(pass('iva', 'desk')).thread.owner).toBe('desk')
  const taken = withAgents('desk').set('sac', closed)
  expect(taken.accept(take('sac')).thread.owner).toBe('sac')
})

test('once it was declined, it is closed as before', () => {
  const scene = withBot().set('desk', closed)
  scene.accept(request('desk'))
  scene.accept(decline('iva'))
  expect(scene.refuse(pass('iva', 'desk')).code).toBe('receiver_closed')
})

test('a new conversation opens with a closed default, since another would have nobody', () => {
  const scene = withBot({ listeners: [{ ...iva, ...closed }, desk] })
  expect(scene.thread.owner).toBe('iva')
  scene.accept(pass('iva', 'desk'))
  scene.accept(state('desk', 'complete'))
  scene.ceu()
  expect(scene.thread.owner).toBe('iva')
})

test('a listener that closes keeps what it has', () => {
  const scene = withAgents('desk').set('desk', closed)
  scene.ceu()
  expect(scene.accept(pass('iva', 'desk')).outcome).toBe('unchanged')
  expect(scene.thread.owner).toBe('desk')
})
