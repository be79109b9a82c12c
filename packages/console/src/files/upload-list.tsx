import { messageOf } from '../api/call-error.js'
import { Button } from '../components/button.js'
import './files.css'
import { bytes } from './bytes.js'
import type { Uploads } from './use-uploads.js'

/** What is to go with the next message, each with how far it is. */
export function UploadList({ uploads: { list, remove, again } }: { uploads: Uploads }) {
  if (list.length === 0) return null
  return (
    <ul className="uploads plain-list" aria-label="Files to send">
      {list.map(({ key, file, progress, id, error }) => (
        <li key={key} className="upload">
          <span className="clip" title={file.name}>
            {file.name}
          </span>
          <span className="hint">{bytes(file.size)}</span>
          <Button className="button-small" aria-label={`Remove ${file.name}`} onClick={() => remove(key)}>
            ×
          </Button>
          {error === undefined && id === undefined && (
            <progress className="upload-progress" value={progress} max={1} aria-label={`Sending ${file.name}`} />
          )}
          {id !== undefined && <span className="hint upload-progress">ready</span>}
          {error !== undefined && (
            <span className="upload-progress row">
              <span className="field-error" role="alert">
                {messageOf(error)}
              </span>
              <Button className="button-small" aria-label={`Send ${file.name} again`} onClick={() => again(key)}>
                Again
              </Button>
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}
