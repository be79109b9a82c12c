import type { Correction, Download, Receipt, Stored, UploadedFile } from '../history/history.js'
import { laneName, type Violation, wrong } from './violation.js'

type InStore = Pick<Stored, 'attachments' | 'strays' | 'inStore'>

/** A file goes with its message, where that is deleted, and with its user. @param erased users whose files are to be gone */
export function checkFiles(
  files: readonly UploadedFile[],
  downloads: readonly Download[],
  { attachments, strays, inStore }: InStore,
  receipts: readonly Receipt[],
  erased: ReadonlySet<string>,
  corrections: readonly Correction[],
): Violation[] {
  const rows = new Set(attachments)
  const known = new Set([...attachments, ...strays])
  const found = new Map(inStore.map(({ id, sha256 }) => [id, sha256]))
  const isErased = (user: string | null) => user !== null && erased.has(user)
  const taken = corrections.filter(({ kind, isTaken }) => kind === 'deleted' && isTaken)
  const deleted = new Set(taken.map(({ message }) => message))
  const isDeleted = ({ message }: UploadedFile) => message !== null && deleted.has(message)
  const went = new Set(files.filter(isDeleted).map(({ id }) => id))
  const named = receipts
    .filter(({ user }) => !isErased(user))
    .flatMap((receipt) => receipt.files.map((file) => ({ file, receipt })))
    .filter(({ file }) => !went.has(file.id))
  return [
    ...files.flatMap(({ id, sha256, user }) => {
      if (isErased(user))
        return rows.has(id) || found.has(id) ? [wrong('erasure', `the file ${id} of ${user} is left`)] : []
      if (went.has(id))
        return rows.has(id) || found.has(id) ? [wrong('said', `the file ${id} of a deleted message is left`)] : []
      if (rows.has(id) && found.get(id) === sha256) return []
      return [wrong('file', `${id} (of ${user ?? 'no message'}) is ${found.has(id) ? 'other bytes' : 'gone'}`)]
    }),
    ...named
      .filter(({ file: { id, sha256 } }) => !rows.has(id) || found.get(id) !== sha256)
      .map(({ file, receipt }) =>
        wrong('file', `${laneName(receipt)} ${receipt.sequence} names ${file.id}, which cannot be had`),
      ),
    ...downloads
      .filter(({ id, user }) => !isErased(user) && !went.has(id))
      .filter(({ id, status, sha256 }) => status !== 200 || sha256 !== found.get(id))
      .map(({ id, listener, status }) =>
        wrong('file', `${listener} heard of ${id}, and was answered ${status} or other bytes`),
      ),
    ...attachments
      .filter((id) => !found.has(id))
      .map((id) => wrong('file', `${id} has a row, and is not in the store`)),
    ...inStore
      .filter(({ id }) => !known.has(id))
      .map(({ id }) => wrong('stray', `${id} lies in the store, and has no row`)),
  ]
}
