/** Sends a file, and tells how far it is: `fetch` tells nothing of what goes out. */
import type { UploadedAttachment } from '@tract/contract'
import { refusalOf } from '../api/call.js'
import { CallError } from '../api/call-error.js'
import { calls } from '../generated/calls.js'

interface UploadOptions {
  /** `<organisation_id>/<listener_id>`: whose file it is. */
  actFor: string
  /** Bytes that have gone out, of all that have to. */
  onProgress: (sent: number, all: number) => void
  signal: AbortSignal
}

/** @throws {CallError} where it is refused, or given up */
export async function upload(file: File, { actFor, onProgress, signal }: UploadOptions): Promise<UploadedAttachment> {
  const [method, path] = calls.uploadAttachment
  const form = new FormData()
  form.set('file', file)
  const request = new XMLHttpRequest()
  request.open(method, path)
  request.setRequestHeader('tract-act-for', actFor)
  request.upload.onprogress = ({ loaded, total }) => onProgress(loaded, total)
  signal.addEventListener('abort', () => request.abort(), { once: true })
  await new Promise<void>((resolve) => {
    request.onloadend = () => resolve()
    if (signal.aborted) resolve()
    else request.send(form)
  })
  if (request.status === 200) return JSON.parse(request.responseText) as UploadedAttachment
  if (request.status > 200) throw await refusalOf(new Response(request.responseText, { status: request.status }))
  throw new CallError('It did not arrive: the service cannot be reached, or broke off.', 'unreachable', 0)
}
