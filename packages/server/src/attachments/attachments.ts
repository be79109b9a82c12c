/**
 * Files of messages. A file and its row come and go in this order, so that a process may die anywhere:
 *
 *   announced   a row of `stray_files` says that the file may be there, and is to be removed in an hour
 *   arriving    its bytes are written beside the store
 *   kept        the store has it for good: bytes, then name, synced
 *   attachment  one transaction makes the stray file an attachment; the call is answered after that
 *   stray       one transaction takes the attachment away (no message named it for a day, the user was erased, its message is old)
 *               and makes it a stray file that is due
 *   gone        upkeep removes the file, then the stray row
 *
 * What holds: an attachment's file is there, byte for byte; and whatever lies in the store is an attachment or a stray file.
 */
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type pg from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { Refusal } from '../accept/refusal.js'
import { faultPoint } from '../database/fault-points.js'
import type { Queryable } from '../database/queryable.js'
import type { Sliced } from '../database/slices.js'
import { type AttachmentRecord, announceFile, findAttachment, giveUpFile } from './attachment-rows.js'
import { contentOf } from './content.js'
import { fileName } from './file-name.js'
import type { BytesRange, FileKey, FileStore } from './file-store.js'
import { fileOfLink } from './link-rows.js'
import { dropRest, receiveFile } from './receive-file.js'
import { forgetStray } from './stray-rows.js'

/** Milliseconds after which what was announced is removed: no call takes as long. */
const ANNOUNCED_MS = 3_600_000

export interface AttachmentParts {
  /** Of all slices. */
  pools: Sliced<pg.Pool>
  store: FileStore
  publicUrl: string
  /** The most bytes of a file. */
  limit: number
  /** The most bytes of a listener's files that no message names. */
  unnamedLimit: number
  onError: (message: string, error: unknown) => void
}

/** The listener that a call comes from. */
interface Owner {
  organisationId: string
  listener: string
}

export class Attachments {
  readonly #parts: AttachmentParts

  constructor(parts: AttachmentParts) {
    this.#parts = parts
  }

  /**
   * Takes the file of a form into the store. It becomes an attachment by `insertAttachment`; until then, give it up if it does not.
   * @throws {Refusal} `unnamed_files_full`; and see `receiveFile`
   */
  async receive(request: IncomingMessage, { organisationId, listener }: Owner): Promise<AttachmentRecord> {
    const { pools, store, limit, unnamedLimit } = this.#parts
    const key = { organisationId, id: uuidv7() }
    const path = join(store.incoming, key.id)
    const size = Math.min(limit, Number(request.headers['content-length'] ?? limit))
    if (
      !(await announceFile(pools.first, { ...key, listener }, new Date(Date.now() + ANNOUNCED_MS), {
        size,
        most: unnamedLimit,
      }))
    ) {
      dropRest(request)
      throw new Refusal(
        'unnamed_files_full',
        `Files that no message names have ${unnamedLimit} bytes together, and the file does not fit in.`,
      )
    }
    try {
      const { size, sha256, name } = await receiveFile(request, path, limit)
      faultPoint('attachment.before-keep')
      const content = await contentOf(path)
      await store.keep(key, { path, size, sha256 })
      faultPoint('attachment.after-keep')
      const createdAt = new Date()
      return {
        ...key,
        listener,
        name: fileName(name),
        size,
        sha256,
        ...content,
        createdAt,
        userId: null,
        messageId: null,
      }
    } catch (error) {
      await this.giveUp(key)
      throw error
    }
  }

  /** A file that was received, in part or as a whole, becomes no attachment: it goes, now or by upkeep. */
  async giveUp(file: FileKey): Promise<void> {
    const { pools, store } = this.#parts
    try {
      await store.remove(file)
      await forgetStray(pools.first, file)
    } catch {
      // where the database does not answer either, the file goes when its announcement is due
      await giveUpFile(pools.first, file, new Date()).catch(() => {})
    }
  }

  /** @throws {Refusal} `attachment_not_found` */
  async find(caller: Owner, id: string, slices: Sliced<Queryable> = this.#parts.pools): Promise<AttachmentRecord> {
    const file = await findAttachment(slices, { ...caller, id })
    if (file) return file
    throw new Refusal('attachment_not_found', `There is no file ${id} for ${caller.listener}.`)
  }

  /** @throws {Refusal} `attachment_not_found` where the store has lost it */
  async read(file: AttachmentRecord, range: BytesRange): Promise<Readable> {
    const stream = await this.#parts.store.read(file, range)
    if (stream) return stream
    const { organisationId, id } = file
    this.#parts.onError('the file of an attachment is not there', new Error(`${organisationId}/${id} is missing`))
    throw new Refusal('attachment_not_found', `The file ${id} is gone.`)
  }

  /** @throws {Refusal} `link_not_found` */
  async follow(secret: string): Promise<AttachmentRecord> {
    const file = await fileOfLink(this.#parts.pools.first, secret, new Date())
    if (file) return file
    throw new Refusal('link_not_found', 'The link does not work, or has ended.')
  }

  readonly toLink = (secret: string): string => `${this.#parts.publicUrl}/tract/attachments/open/${secret}`

  /** Where *Download a file* has it. */
  readonly toUrl = (id: string): string => `${this.#parts.publicUrl}/tract/attachments/${id}`
}
