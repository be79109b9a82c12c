import type { ConversationState } from '@tract/contract'
import { useNarrow } from '../../../theme/use-narrow.js'
import { NARROW, WIDE } from './state-machine.js'

/** The state machine with the thread's present state, and what leads out of it. */
export function StateDiagram({ state, owner }: { state: ConversationState; owner: string | undefined }) {
  const { viewBox, width, height, states, transitions } = useNarrow() ? NARROW : WIDE
  const holder = owner === undefined ? 'nobody is in control' : `${owner} is in control`
  return (
    <figure className="diagram-frame" aria-label="The states of a conversation">
      <svg
        viewBox={viewBox}
        className="diagram"
        role="img"
        aria-label={`State of the conversation: ${state}; ${holder}`}
      >
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="10"
            markerHeight="10"
            markerUnits="userSpaceOnUse"
            orient="auto-start-reverse"
          >
            <path d="M0 0 L8 4 L0 8 Z" className="diagram-arrow" />
          </marker>
        </defs>
        {transitions.map(({ from, to, label, path, at: [x, y], anchor }) => (
          <g key={`${from} ${to}`} className={from === state ? 'diagram-edge diagram-edge-out' : 'diagram-edge'}>
            <path d={path} markerEnd="url(#arrow)" />
            <text x={x} y={y} textAnchor={anchor}>
              {label}
            </text>
          </g>
        ))}
        {states.map(({ id, label, about, x, y }) => {
          const present = id === state
          return (
            <g key={id} className={present ? 'diagram-state diagram-state-present' : 'diagram-state'}>
              <rect x={x} y={y} width={width} height={height} rx="10" />
              <text x={x + width / 2} y={y + 24} textAnchor="middle" className="diagram-name">
                {label}
              </text>
              <text x={x + width / 2} y={y + 42} textAnchor="middle" className="diagram-about">
                {present && owner !== undefined ? owner : about}
              </text>
            </g>
          )
        })}
      </svg>
      <p className="hint">
        From any state the owner may complete the conversation. It also ends with user_timeout, and after the time
        without activity that the settings say.
      </p>
    </figure>
  )
}
