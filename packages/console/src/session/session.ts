/** Who is signed in. The cookie that holds the session is out of this page's reach; the service says whose it is. */
import { useSyncExternalStore } from 'react'
import { type Answer, call, onSessionEnd } from '../api/call.js'
import { CallError } from '../api/call-error.js'

export type Session = Answer<'getSession'>

type State = { kind: 'asking' } | { kind: 'out'; error?: unknown } | { kind: 'in'; session: Session }

let state: State = { kind: 'asking' }
const listeners = new Set<() => void>()

function become(next: State): void {
  state = next
  hasEnded = false
  for (const listener of listeners) listener()
}

/** How many things are in sight that are shown only once. */
let kept = 0
let hasEnded = false

/** The way out waits while such a thing is in sight, or while one becomes another, which takes a turn. */
const leave = () =>
  setTimeout(() => {
    if (hasEnded && kept === 0) become({ kind: 'out' })
  })

onSessionEnd(() => {
  hasEnded = true
  leave()
})

/** An end of the session does not take away what is in sight. @returns to be called when it no longer is */
export function keepInSight(): () => void {
  kept++
  return () => {
    kept--
    leave()
  }
}

export async function findSession(): Promise<void> {
  try {
    become({ kind: 'in', session: await call('getSession', {}) })
  } catch (error) {
    const signedOut = error instanceof CallError && error.status === 401
    become(signedOut ? { kind: 'out' } : { kind: 'out', error })
  }
}

export async function signIn(clientId: string, clientSecret: string): Promise<void> {
  const body = { client_id: clientId, client_secret: clientSecret }
  become({ kind: 'in', session: await call('createSession', { body }) })
}

export async function signOut(): Promise<void> {
  await call('endSession', {})
  become({ kind: 'out' })
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useSession = (): State => useSyncExternalStore(subscribe, () => state)
