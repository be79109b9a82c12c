import { type ReactNode, useRef, useState } from 'react'
import { Button } from '../components/button.js'
import { CopyButton } from '../components/copy-button.js'
import { Dialog } from '../components/dialog.js'
import { TextField } from '../components/field.js'
import { Form } from '../forms/form.js'
import { Link } from '../router/link.js'
import { usePath, useSearch } from '../router/location.js'
import { forgetLink, type SavedLink, saveLink, useSavedLinks } from './saved-links.js'
import './list-links.css'

/** What a list is filtered by has an address: it can be copied, or kept here under a name. */
export function ListLinks({ children }: { children?: ReactNode }) {
  const [path, search] = [usePath(), useSearch()]
  const links = useSavedLinks(path)
  const [naming, setNaming] = useState(false)
  const save = useRef<HTMLButtonElement>(null)
  const address = path + withoutPage(search)
  const forget = (link: SavedLink) => {
    forgetLink(link)
    // the button that was pressed is gone
    save.current?.focus()
  }
  return (
    <div className="row list-links">
      {links.length > 0 && (
        <ul className="row plain-list" aria-label="Saved lists">
          {links.map((link) => (
            <li key={link.name} className="saved-link">
              <Link href={link.address} aria-current={link.address === address ? 'true' : undefined}>
                {link.name}
              </Link>
              <button type="button" aria-label={`Forget the list ${link.name}`} onClick={() => forget(link)}>
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <Button ref={save} onClick={() => setNaming(true)} disabled={address === path}>
        Save this list…
      </Button>
      <CopyButton
        textOf={() => window.location.href}
        otherwise={() => 'The link is the address of this page: copy it from there.'}
      >
        Copy link
      </CopyButton>
      {children}
      {naming && (
        <NameDialog
          taken={links.map(({ name }) => name)}
          onClose={() => setNaming(false)}
          onName={(name) => saveLink({ name, address })}
        />
      )}
    </div>
  )
}

/** A page is one of what a list shows now. */
function withoutPage(search: string): string {
  const query = new URLSearchParams(search)
  query.delete('after')
  return query.size === 0 ? '' : `?${query}`
}

interface NameDialogProps {
  taken: readonly string[]
  onClose: () => void
  onName: (name: string) => void
}

function NameDialog({ taken, onClose, onName }: NameDialogProps) {
  const [typed, setTyped] = useState('')
  const name = typed.trim()
  const submit = () => {
    onName(name)
    onClose()
  }
  return (
    <Dialog open onClose={onClose} title="Save this list">
      <Form
        action={taken.includes(name) ? 'Replace it' : 'Save'}
        busy={false}
        error={undefined}
        disabled={name === ''}
        onSubmit={submit}
        onCancel={onClose}
      >
        <TextField
          label="Name"
          required
          maxLength={40}
          value={typed}
          onChange={setTyped}
          hint={
            taken.includes(name)
              ? 'There is one of this name: it is replaced.'
              : 'It is kept in this browser, and stands above the list: its filters, not what it shows now.'
          }
        />
      </Form>
    </Dialog>
  )
}
