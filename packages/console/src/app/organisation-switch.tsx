import * as Ariakit from '@ariakit/react'
import type { Organisation } from '@tract/contract'

interface OrganisationSwitchProps {
  /** Undefined while they are not known. */
  organisations: readonly Organisation[] | undefined
  value: string | undefined
  onChange: (id: string) => void
  onCreate: () => void
}

/** No id of an organisation: the choice that makes another one. */
const NEW = 'new'

export function OrganisationSwitch({ organisations, value = '', onChange, onCreate }: OrganisationSwitchProps) {
  const chosen = organisations?.find(({ id }) => id === value)
  return (
    <Ariakit.SelectProvider value={value} setValue={(id: string) => (id === NEW ? onCreate() : onChange(id))}>
      <Ariakit.SelectLabel className="unseen">Organisation</Ariakit.SelectLabel>
      <Ariakit.Select className="button button-plain organisation-switch">
        <span className="clip">{chosen?.name ?? unchosen(organisations)}</span>
        <Ariakit.SelectArrow />
      </Ariakit.Select>
      <Ariakit.SelectPopover gutter={4} sameWidth className="popover">
        {organisations?.map(({ id, name }) => (
          <Ariakit.SelectItem key={id} value={id} className="option">
            {name}
          </Ariakit.SelectItem>
        ))}
        <Ariakit.SelectItem value={NEW} className="option option-apart">
          New organisation…
        </Ariakit.SelectItem>
      </Ariakit.SelectPopover>
    </Ariakit.SelectProvider>
  )
}

function unchosen(organisations: readonly Organisation[] | undefined): string {
  if (organisations === undefined) return 'Loading…'
  return organisations.length === 0 ? 'None yet' : 'Choose an organisation'
}
