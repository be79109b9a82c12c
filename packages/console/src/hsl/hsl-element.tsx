import type { HslElement } from '@tract/contract'
import { isKnownElement, toPlainText } from '@tract/contract/hsl'
import { Component } from 'react'
import { Actionable } from './actionable.js'
import { Carousel } from './carousel.js'
import { Form } from './form.js'
import './hsl.css'

export interface HslProps {
  element: HslElement
  /** Takes what a tap says in the reader's name; without it nothing can be tapped. */
  onReply?: ((message: string) => void) | undefined
}

/** The content of a message as a chat shows it. What is not known, or not as it should be, is shown as text. */
export class Hsl extends Component<HslProps> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    return this.state.failed ? <AsText element={this.props.element} /> : <Shown {...this.props} />
  }
}

function AsText({ element }: Pick<HslProps, 'element'>) {
  const text = toPlainText(element)
  return (
    <div className="hsl">
      {text && <p className="hsl-text">{text}</p>}
      <p className="hint">An element of type {element.type}, shown as text.</p>
    </div>
  )
}

function Shown({ element, onReply }: HslProps) {
  if (!isKnownElement(element)) return <AsText element={element} />
  switch (element.type) {
    case 'TEXT':
      return (
        <div className="hsl">
          <p className="hsl-text">{element.text}</p>
          <Replies label="Quick replies" items={element.data.quick_replies ?? []} onReply={onReply} />
        </div>
      )
    case 'BUTTON':
      return (
        <div className="hsl">
          <p className="hsl-text">{element.text}</p>
          <Replies label="Buttons" items={element.data.items} onReply={onReply} />
        </div>
      )
    case 'CAROUSEL':
      return <Carousel element={element} onReply={onReply} />
    case 'FORM':
      return <Form element={element} onReply={onReply} />
    default:
      return (
        <div className="hsl">
          <p className="hsl-text hsl-note">{element.text || `(${element.type.toLowerCase().replace('_', ' ')})`}</p>
        </div>
      )
  }
}

function Replies({
  label,
  items,
  onReply,
}: Pick<HslProps, 'onReply'> & { label: string; items: readonly Parameters<typeof Actionable>[0]['item'][] }) {
  if (items.length === 0) return null
  return (
    <ul className="hsl-replies" aria-label={label}>
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what was sent never changes
        <li key={index}>
          <Actionable item={item} onReply={onReply} />
        </li>
      ))}
    </ul>
  )
}
