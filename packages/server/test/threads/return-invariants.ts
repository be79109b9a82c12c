import assert from 'node:assert/strict'
import { defaultListener, find, hears } from '../../src/threads/roles.js'
import { type Done, isOpen } from './moment.js'

/** Back to the default, or on to the fallback where that fails; never to one that failed, and to each once. */
export function returns({ before, after, events, decision, listeners, policy }: Done): void {
  const returned = events.filter(({ subtype }) => subtype === 'returned')
  const said = decision.effects.filter(({ kind }) => kind === 'say')
  if (returned.length === 0) {
    assert.equal(said.length, 0)
    return
  }
  assert.equal(returned.length, 1)
  assert.deepEqual(returned[0]?.to, [before.owner, after.owner])
  const byDefault = defaultListener({ listeners, policy })
  assert.ok(!before.memory.failed.includes(after.owner as string))
  if (after.owner === byDefault?.id) assert.ok(!before.memory.returned && after.memory.returned)
  else {
    // only where the default fails as well, and to a listener that can be reached
    assert.equal(after.owner, policy.fallbackListener)
    assert.ok(!before.memory.fellBack && after.memory.fellBack)
    const to = listeners.find(({ id }) => id === after.owner)
    assert.ok(to?.enabled && to.reachable && !to.closed && hears(to))
    const back = before.memory.returned || byDefault === undefined || before.owner === byDefault.id
    const fails = byDefault !== undefined && !(byDefault.reachable && hears(byDefault))
    assert.ok(back || fails || before.memory.failed.includes(byDefault.id))
  }
  assert.ok(after.memory.failed.includes(before.owner as string))
  assert.equal(after.conversationNumber, before.conversationNumber)
  assert.equal(said.length, isOpen(before) && policy.returnedMessage !== null ? 1 : 0)
}

/** A message of the CEU goes to an owner that hears it, where control may go to one. */
export function heard({ before, after, command, listeners, policy }: Done): void {
  if (command.kind !== 'ceu_message') return
  const owner = find(listeners, after.owner)
  if (owner?.enabled && hears(owner)) return
  const byDefault = defaultListener({ listeners, policy })
  if (!isOpen(before)) {
    assert.equal(owner, byDefault)
    return
  }
  const isGiven = byDefault !== undefined && byDefault.id !== before.owner && hears(byDefault)
  assert.ok(!isGiven || before.memory.returned || before.memory.failed.includes(byDefault.id))
}
