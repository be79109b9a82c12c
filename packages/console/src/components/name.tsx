import { Fragment } from 'react'

/** A hook's name, or the id of a listener: where there is no room for it, it breaks between its parts. */
export function Name({ children }: { children: string }) {
  const parts = children.split(children.includes('/') ? /(?<=[/])/ : /(?<=[._-])/)
  return (
    <span className="name">
      {parts.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a name stays as it is
        <Fragment key={at}>
          {at > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </span>
  )
}
