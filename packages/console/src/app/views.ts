/** The views of the console, each loaded when it is first opened. */
import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import type { ViewProps } from './view-props.js'

interface View {
  name: string
  label: string
  component: LazyExoticComponent<ComponentType<ViewProps>>
}

export const views: readonly View[] = [
  { name: 'threads', label: 'Threads', component: lazy(() => import('../views/threads/threads-view.js')) },
]
