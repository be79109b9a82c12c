import { Component, type ReactNode } from 'react'
import { Problem } from '../components/problem.js'

/** A view that fails takes neither the navigation nor another view with it. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    const { error } = this.state
    if (error === undefined) return this.props.children
    // Most often a view of a build that is no longer served: only a new page knows the new one.
    return <Problem error={error} onRetry={() => window.location.reload()} />
  }
}
