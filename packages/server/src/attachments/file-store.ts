import type { Readable } from 'node:stream'

/** Where a file lies. */
export interface FileKey {
  organisationId: string
  id: string
}

/** The first and the last byte of a part. */
export interface BytesRange {
  start: number
  end: number
}

/** A file that has arrived as a whole, and lies beside the store. */
export interface ArrivedFile {
  path: string
  size: number
  /** In hexadecimal. */
  sha256: string
}

/** Keeps the bytes of files: in a folder, or in a bucket of S3. What they are is in the database. */
export interface FileStore {
  /** A folder of this process's own for files that are arriving. A file is called by its id there. */
  readonly incoming: string
  /**
   * Takes a file that has arrived. Once this resolves, the file outlasts the process and the machine.
   * @throws {Refusal} `storage_full`, `unavailable`
   */
  keep(key: FileKey, file: ArrivedFile): Promise<void>
  /** @returns null: there is no such file @throws {Refusal} `unavailable` */
  read(key: FileKey, range: BytesRange): Promise<Readable | null>
  /** What is not there is no error. */
  remove(key: FileKey): Promise<void>
}
