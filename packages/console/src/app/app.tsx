import { useEffect } from 'react'
import { Loading } from '../components/empty.js'
import { findSession, useSession } from '../session/session.js'
import { SignInView } from '../session/sign-in-view.js'
import { ExactTime } from '../time/exact-time.js'
import { Shell } from './shell.js'

export function App() {
  const state = useSession()
  useEffect(() => void findSession(), [])
  if (state.kind === 'asking') return <Loading />
  if (state.kind === 'out') return <SignInView problem={state.error} />
  return (
    <>
      <Shell session={state.session} />
      <ExactTime />
    </>
  )
}
