/** The views of the console, each loaded when it is first opened. */
import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import type { ViewProps } from './view-props.js'

type Load = () => Promise<{ default: ComponentType<ViewProps> }>

interface View {
  name: string
  /** As the navigation has it; empty: it is reached from elsewhere. */
  label: string
  load: Load
  component: LazyExoticComponent<ComponentType<ViewProps>>
}

const view = (name: string, label: string, load: Load): View => ({ name, label, load, component: lazy(load) })

export const views: readonly View[] = [
  view('threads', 'Threads', () => import('../views/threads/threads-view.js')),
  view('overview', 'Overview', () => import('../views/overview/overview-view.js')),
  view('deliveries', 'Deliveries', () => import('../views/deliveries/deliveries-view.js')),
  view('listeners', 'Listeners', () => import('../views/listeners/listeners-view.js')),
  view('clients', 'Clients', () => import('../views/clients/clients-view.js')),
  view('settings', 'Settings', () => import('../views/settings/settings-view.js')),
  view('service', 'Service', () => import('../views/service/service-view.js')),
  view('start', '', () => import('../views/start/start-view.js')),
  view('sandbox', 'Sandbox', () => import('../views/sandbox/sandbox-view.js')),
]

/** Begins to load the view of an address, so that it is there when it is known who is signed in. */
export function preload(name: string | undefined): void {
  views
    .find((candidate) => candidate.name === name)
    ?.load()
    .catch(() => {
      // The view that shows it reports it.
    })
}
