import { describe, expect, test } from '@jest/globals'
import { correctionHearers, eventHearers, messageHearers, receiptHearers } from '../../src/threads/routing.js'
import type { EventEffect, Listener, Sender } from '../../src/threads/types.js'
import { everybody, listener } from './scene.js'

const change = (id: string, more: Partial<Listener>, listeners: readonly Listener[] = everybody) =>
  listeners.map((each) => (each.id === id ? { ...each, ...more } : each))

const ids = (listeners: readonly Listener[]) => listeners.map(({ id }) => id).sort()

describe('message/receive', () => {
  // `desk` is in control, `salon` and `sac` are on standby.
  const hear = (sender: Sender, author: string | null, listeners: readonly Listener[] = everybody, owner = 'desk') =>
    ids(messageHearers(sender, author, { owner }, listeners).map((each) => each.listener))

  test.each<[Sender, string | null, string, string[]]>([
    ['ceu', 'md', 'desk', ['desk', 'iva', 'sac', 'salon', 'watcher']],
    ['ceu', null, 'desk', ['desk', 'iva', 'sac', 'salon', 'watcher']],
    ['iva', 'iva', 'iva', ['desk', 'md', 'sac', 'salon', 'watcher']],
    ['ect', 'desk', 'desk', ['iva', 'md', 'sac', 'salon', 'watcher']],
    ['aeu', 'desk', 'desk', ['iva', 'md', 'sac', 'salon', 'watcher']],
    ['aeu', 'sac', 'sac', ['desk', 'iva', 'md', 'salon', 'watcher']],
    ['haptik', null, 'desk', ['desk', 'md', 'sac', 'salon', 'watcher']],
    ['haptik', 'md', 'desk', ['desk', 'sac', 'salon', 'watcher']],
    ['haptik', 'sac', 'desk', ['desk', 'md', 'salon', 'watcher']],
  ])('of %s, written by %s, with %s in control', (sender, author, owner, heard) => {
    expect(hear(sender, author, everybody, owner)).toEqual(heard)
  })

  test('nobody hears its own, another IVA does', () => {
    expect(hear('iva', 'iva', [...everybody, listener('iva_b', 'iva')], 'iva')).toContain('iva_b')
  })

  test('the disabled and those without the hook hear nothing', () => {
    expect(hear('ceu', 'md', change('iva', { enabled: false }))).not.toContain('iva')
    expect(hear('ceu', 'md', change('iva', { hooks: new Set(['message.read']) }))).not.toContain('iva')
  })

  test('a desk with standby off hears while it is in control only', () => {
    for (const id of ['sac', 'salon']) {
      const quiet = change(id, { standby: false })
      expect(hear('ceu', 'md', quiet)).not.toContain(id)
      expect(hear('ceu', 'md', quiet, id)).toContain(id)
    }
  })

  test('standby off does not silence an IVA, md or analytics', () => {
    const quiet = everybody.map((each) => ({ ...each, standby: false }))
    expect(hear('aeu', 'desk', quiet)).toEqual(['iva', 'md', 'watcher'])
  })

  test('each hears whether it is in control, and who is not gets a standby copy if it is a desk', () => {
    const hearers = messageHearers('ceu', null, { owner: 'desk' }, everybody)
    const rows = hearers.map((each) => [each.listener.id, each.inControl, each.standby])
    expect(rows.sort()).toEqual([
      ['desk', true, false],
      ['iva', false, false],
      ['sac', false, true],
      ['salon', false, true],
      ['watcher', false, false],
    ])
  })
})

describe('events', () => {
  const effect = (more: Partial<EventEffect>): EventEffect => ({
    kind: 'event',
    type: 'conversation_state',
    subtype: 'pinned',
    conversationNumber: 1,
    metadata: null,
    to: 'all',
    ...more,
  })
  const hear = (more: Partial<EventEffect>, listeners: readonly Listener[] = everybody, owner = 'desk') =>
    ids(eventHearers(effect(more), { owner }, listeners))

  test('to all reach all who have that hook', () => {
    expect(hear({})).toEqual(ids(everybody))
    expect(hear({}, change('md', { hooks: new Set(['conversation_state.bot']) }))).not.toContain('md')
    expect(hear({}, change('md', { enabled: false }))).not.toContain('md')
  })

  test('to all but the sender', () => expect(hear({ except: 'desk' })).toEqual(ids(everybody.slice(0, 2).concat(rest))))

  test('to all leave out a desk with standby off, unless it is or just was in control', () => {
    const quiet = change('salon', { standby: false }, change('sac', { standby: false }))
    expect(hear({}, quiet)).toEqual(['desk', 'iva', 'md', 'watcher'])
    expect(hear({}, quiet, 'salon')).toContain('salon')
    expect(hear({ formerOwner: 'sac' }, quiet)).toEqual(['desk', 'iva', 'md', 'sac', 'watcher'])
  })

  test('addressed by name reach the named, standby or not, and analytics', () => {
    const control = { type: 'thread_control', subtype: 'released', to: ['salon'] }
    expect(hear(control)).toEqual(['salon', 'watcher'])
    expect(hear(control, change('salon', { standby: false }))).toEqual(['salon', 'watcher'])
    expect(hear(control, change('salon', { enabled: false }))).toEqual(['watcher'])
    expect(hear(control, change('watcher', { hooks: new Set() }))).toEqual(['salon'])
  })
})

describe('receipts', () => {
  const hear = (author: string | null, listeners: readonly Listener[] = everybody) =>
    ids(receiptHearers({ subtype: 'read', author, reporter: 'md' }, listeners))

  test('reach the author and analytics, in control or not', () => {
    expect(hear('desk')).toEqual(['desk', 'watcher'])
    expect(hear('desk', change('desk', { standby: false }))).toEqual(['desk', 'watcher'])
  })

  test('reach analytics alone where nobody in particular wrote the message, or the reporter itself did', () => {
    expect(hear(null)).toEqual(['watcher'])
    expect(hear('md')).toEqual(['watcher'])
  })

  test('need the hook of their kind', () => {
    expect(hear('desk', change('desk', { hooks: new Set(['message.delivered']) }))).toEqual(['watcher'])
    expect(hear('desk', change('desk', { enabled: false }))).toEqual(['watcher'])
  })
})

describe('corrections', () => {
  const quiet = change('salon', { standby: false }, change('desk', { standby: false }))
  const hear = (subtype: 'edited' | 'deleted', heldBy: readonly string[], has: readonly string[] = []) => {
    const mayHave = (listener: string) => has.includes(listener)
    const corrected = { subtype, sender: 'ceu' as const, author: 'md', heldBy, mayHave }
    return ids(correctionHearers(corrected, { owner: 'desk' }, quiet).map(({ listener }) => listener))
  }

  test('reach who hears messages of that author and is on standby, or held the conversation', () => {
    expect(hear('edited', ['desk'])).toEqual(['desk', 'iva', 'sac', 'watcher'])
    expect(hear('edited', ['desk', 'salon'])).toEqual(['desk', 'iva', 'sac', 'salon', 'watcher'])
  })

  test('an edit does not reach who is in control and may not read that conversation; a deletion who may have a copy', () => {
    expect(hear('edited', [], ['desk', 'salon'])).toEqual(['iva', 'sac', 'watcher'])
    expect(hear('deleted', [], ['salon'])).toEqual(['iva', 'sac', 'salon', 'watcher'])
  })
})

const rest = everybody.slice(3)
