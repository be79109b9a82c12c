/** What every view is given. */
export interface ViewProps {
  organisationId: string
  /** What follows the view's name in the path. */
  rest: readonly string[]
}
