import type { Attachment, TimelineEntry } from '@tract/contract'
import { useEffect, useState } from 'react'
import { CallError, messageOf } from '../api/call-error.js'
import { useAction } from '../api/use-action.js'
import { Button } from '../components/button.js'
import { bytes } from './bytes.js'
import { fileAddress, holdersOf } from './file-bytes.js'
import './files.css'

/** Images that hold nothing that runs; of others, and of large ones, only the name is shown. */
const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']
const MOST_BYTES = 5 * 1024 * 1024

const isPicture = ({ content_type, size }: Attachment): boolean => PICTURES.includes(content_type) && size <= MOST_BYTES

interface AttachmentsProps {
  entry: TimelineEntry
  organisationId: string
}

/** The files of a message: pictures as pictures, and all of them to save. */
export function Attachments({ entry, organisationId }: AttachmentsProps) {
  const files = entry.message?.attachments ?? []
  if (files.length === 0) return null
  return (
    <ul className="attachments plain-list" aria-label="Files">
      {files.map((file) => (
        <li key={file.id}>
          <File file={file} organisationId={organisationId} holders={holdersOf(entry)} />
        </li>
      ))}
    </ul>
  )
}

interface FileProps {
  file: Attachment
  organisationId: string
  holders: readonly string[]
}

function File({ file, organisationId, holders }: FileProps) {
  const picture = usePicture(isPicture(file) ? file : undefined, organisationId, holders)
  const save = useAction(async () => {
    const link = document.createElement('a')
    link.href = await fileAddress(file, organisationId, holders)
    link.download = file.name
    link.click()
  })
  const error = save.error ?? picture.error
  if (isGone(error)) {
    return <p className="attachment-gone hint">{file.name} is gone: it was erased, or its time is over.</p>
  }
  return (
    <div className="attachment">
      {picture.address !== undefined && (
        <img className="attachment-picture" src={picture.address} alt={file.name} onError={picture.fail} />
      )}
      <p className="row">
        <Button className="button-small" onClick={() => save.run()} busy={save.busy} aria-label={`Save ${file.name}`}>
          <span aria-hidden="true">↓</span> <span className="clip">{file.name}</span>
        </Button>
        <span className="hint">
          {bytes(file.size)}
          {!isPicture(file) && `, ${file.content_type}`}
        </span>
      </p>
      {error !== undefined && (
        <p className="field-error" role="alert">
          {messageOf(error)}
        </p>
      )}
    </div>
  )
}

const isGone = (error: unknown): boolean => error instanceof CallError && error.status === 404

interface Picture {
  address?: string
  error?: unknown
}

function usePicture(file: Attachment | undefined, organisationId: string, holders: readonly string[]) {
  const [picture, setPicture] = useState<Picture>({})
  // biome-ignore lint/correctness/useExhaustiveDependencies: one that is shown stays, also when others hear the message later
  useEffect(() => {
    if (!file) return
    let left = false
    const set = (next: Picture) => left || setPicture(next)
    fileAddress(file, organisationId, holders).then(
      (address) => set({ address }),
      (error: unknown) => set({ error }),
    )
    return () => {
      left = true
    }
  }, [file?.id, organisationId])
  return { ...picture, fail: () => setPicture({}) }
}

/** In a row of fixed height: small, and of the first few only. */
export function Thumbnails({ entry, organisationId }: AttachmentsProps) {
  const files = entry.message?.attachments ?? []
  if (files.length === 0) return null
  return (
    <span className="thumbnails">
      {files.slice(0, 3).map((file) => (
        <Thumbnail key={file.id} file={file} organisationId={organisationId} holders={holdersOf(entry)} />
      ))}
      {files.length > 3 && <span className="hint">and {files.length - 3} more</span>}
    </span>
  )
}

function Thumbnail({ file, organisationId, holders }: FileProps) {
  const { address, error, fail } = usePicture(isPicture(file) ? file : undefined, organisationId, holders)
  if (address !== undefined) return <img className="thumbnail" src={address} alt={file.name} onError={fail} />
  return (
    <span className="thumbnail-name clip" title={file.name}>
      {file.name}
      {isGone(error) && ' (gone)'}
    </span>
  )
}
