/** The states of a conversation and what leads from one to another, for a picture: the service decides by its own rules. */
import type { ConversationState } from '@tract/contract'

interface State {
  id: ConversationState
  label: string
  about: string
  x: number
  y: number
}

interface Transition {
  from: ConversationState
  to: ConversationState
  label: string
  /** An SVG path, and where its label stands. */
  path: string
  at: readonly [x: number, y: number]
  anchor: 'start' | 'middle' | 'end'
}

interface Drawing {
  viewBox: string
  /** Of a state's box. */
  width: number
  height: number
  states: readonly State[]
  transitions: readonly Transition[]
}

/** Where there is room. */
export const WIDE: Drawing = {
  viewBox: '0 0 648 284',
  width: 132,
  height: 56,
  states: [
    { id: 'complete', label: 'complete', about: 'no conversation', x: 16, y: 112 },
    { id: 'bot', label: 'bot', about: 'with the assistant', x: 236, y: 20 },
    { id: 'incomplete', label: 'incomplete', about: 'awaits an agent', x: 236, y: 204 },
    { id: 'pinned', label: 'pinned', about: 'with an agent', x: 500, y: 204 },
    { id: 'waiting', label: 'waiting', about: 'for the user', x: 500, y: 20 },
  ],
  transitions: [
    {
      from: 'complete',
      to: 'bot',
      label: 'user writes',
      path: 'M100 112 Q120 52 234 46',
      at: [112, 50],
      anchor: 'start',
    },
    {
      from: 'complete',
      to: 'incomplete',
      label: 'user writes, no assistant',
      path: 'M100 168 Q120 228 234 234',
      at: [16, 258],
      anchor: 'start',
    },
    { from: 'bot', to: 'incomplete', label: 'pass or take', path: 'M284 76 L284 202', at: [278, 128], anchor: 'end' },
    {
      from: 'incomplete',
      to: 'bot',
      label: 'pass to the assistant',
      path: 'M322 204 L322 78',
      at: [330, 156],
      anchor: 'start',
    },
    {
      from: 'incomplete',
      to: 'pinned',
      label: 'allocated',
      path: 'M368 232 L498 232',
      at: [433, 226],
      anchor: 'middle',
    },
    { from: 'pinned', to: 'waiting', label: 'wait', path: 'M590 204 L590 78', at: [598, 128], anchor: 'start' },
    { from: 'waiting', to: 'pinned', label: 'user writes', path: 'M548 76 L548 202', at: [540, 156], anchor: 'end' },
  ],
}

/** On a phone: the same, whole, from top to bottom. */
export const NARROW: Drawing = {
  viewBox: '0 0 340 330',
  width: 120,
  height: 54,
  states: [
    { id: 'complete', label: 'complete', about: 'no conversation', x: 110, y: 4 },
    { id: 'bot', label: 'bot', about: 'with the assistant', x: 2, y: 120 },
    { id: 'incomplete', label: 'incomplete', about: 'awaits an agent', x: 218, y: 120 },
    { id: 'pinned', label: 'pinned', about: 'with an agent', x: 218, y: 258 },
    { id: 'waiting', label: 'waiting', about: 'for the user', x: 2, y: 258 },
  ],
  transitions: [
    { from: 'complete', to: 'bot', label: 'user writes', path: 'M110 34 Q56 38 56 118', at: [64, 84], anchor: 'start' },
    {
      from: 'complete',
      to: 'incomplete',
      label: 'user writes, no assistant',
      path: 'M230 34 Q284 38 284 118',
      at: [276, 104],
      anchor: 'end',
    },
    {
      from: 'bot',
      to: 'incomplete',
      label: 'pass or take',
      path: 'M122 138 L216 138',
      at: [170, 132],
      anchor: 'middle',
    },
    {
      from: 'incomplete',
      to: 'bot',
      label: 'pass to the assistant',
      path: 'M230 174 Q170 206 112 176',
      at: [170, 210],
      anchor: 'middle',
    },
    { from: 'incomplete', to: 'pinned', label: 'allocated', path: 'M290 174 L290 256', at: [282, 226], anchor: 'end' },
    { from: 'pinned', to: 'waiting', label: 'wait', path: 'M218 274 L124 274', at: [170, 268], anchor: 'middle' },
    {
      from: 'waiting',
      to: 'pinned',
      label: 'user writes',
      path: 'M122 298 L216 298',
      at: [170, 316],
      anchor: 'middle',
    },
  ],
}
