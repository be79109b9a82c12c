/** What is saved as a file of the reader's own machine. */
import { refusalOf } from '../api/call.js'

/** Gathered until a browser is given a part of its own, which it may keep on the disk. */
const PART_BYTES = 4 * 1024 * 1024

export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  // a browser has read it by then, or will not
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/**
 * Saves an answer as it comes, however long it is.
 * @param onBytes told how many there are by now
 */
export async function saveAnswer(name: string, response: Response, onBytes: (bytes: number) => void): Promise<void> {
  if (!response.ok || !response.body) throw await refusalOf(response)
  const type = response.headers.get('content-type') ?? 'application/octet-stream'
  const parts: Blob[] = []
  let gathered: Uint8Array<ArrayBuffer>[] = []
  let [pending, all] = [0, 0]
  const close = () => {
    parts.push(new Blob(gathered))
    gathered = []
    pending = 0
  }
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read()
    if (done) break
    gathered.push(value)
    pending += value.length
    all += value.length
    if (pending >= PART_BYTES) close()
    onBytes(all)
  }
  close()
  saveFile(name, new Blob(parts, { type }))
}
