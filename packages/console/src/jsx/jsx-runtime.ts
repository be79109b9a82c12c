/**
 * React's own, but that no text gets to the page with a character that steers it: all text that is shown passes here, so that no view has to
 * think of it. What a person edits, and what is called by, stays as it is.
 */
import { ExactNumber } from '@tract/contract/json'
import type { ElementType, Key } from 'react'
import { jsx as element, jsxs as elements } from 'react/jsx-runtime'
import { visible } from './visible.js'

export type { JSX } from 'react/jsx-runtime'
export { Fragment } from 'react/jsx-runtime'

type Props = Readonly<Record<string, unknown>>

/** Attributes that are read or read out. */
const SHOWN = ['title', 'alt', 'placeholder', 'aria-label', 'aria-description', 'label']

export const jsx = (type: ElementType, props: Props, key?: Key) => element(type, shown(type, props), key)
export const jsxs = (type: ElementType, props: Props, key?: Key) => elements(type, shown(type, props), key)

/** Where the build is no production's. */
export const jsxDEV = (type: ElementType, props: Props, key: Key | undefined, isStatic: boolean) =>
  (isStatic ? jsxs : jsx)(type, props, key)

function shown(type: ElementType, props: Props): Props {
  const changed: Record<string, unknown> = {}
  if ('children' in props) changed.children = shownChildren(props.children)
  if (typeof type === 'string')
    for (const name of SHOWN) if (typeof props[name] === 'string') changed[name] = visible(props[name])
  return { ...props, ...changed }
}

/** Elements have come by here already. */
function shownChildren(children: unknown): unknown {
  if (typeof children === 'string') return visible(children)
  if (children instanceof ExactNumber) return children.digits
  return Array.isArray(children) ? children.map(shownChildren) : children
}
