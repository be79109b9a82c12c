/** Files in a bucket of S3, or of what speaks its protocol. A file is one object, put as a whole: a bucket never has a part of one. */
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream as WebStream } from 'node:stream/web'
import { S3mini } from 's3mini'
import { Refusal } from '../accept/refusal.js'
import type { ArrivedFile, BytesRange, FileKey, FileStore } from './file-store.js'
import { openIncoming } from './folder-store.js'
import { noRoom } from './receive-file.js'
import type { BucketSetting } from './store-setting.js'

export interface S3Keys {
  accessKeyId: string
  secretAccessKey: string
}

/** Milliseconds after which a store that has not answered is taken to be away. */
const PATIENCE_MS = 30_000
/** What servers say where a bucket may not grow. */
const FULL = /quota|storagefull|insufficient/i

export class S3Store implements FileStore {
  readonly incoming: string
  readonly #client: S3mini
  readonly #prefix: string

  private constructor(client: S3mini, prefix: string, incoming: string) {
    this.#client = client
    this.#prefix = prefix
    this.incoming = incoming
  }

  static async open(
    { endpoint, bucket, prefix, region }: BucketSetting,
    keys: S3Keys,
    dataDir: string,
  ): Promise<S3Store> {
    const client = new S3mini({ ...keys, endpoint: `${endpoint}/${bucket}`, region, fetch: patientFetch })
    return new S3Store(client, prefix, await openIncoming(join(dataDir, 'incoming')))
  }

  async keep(key: FileKey, { path, size, sha256 }: ArrivedFile): Promise<void> {
    const checksum = Buffer.from(sha256, 'hex').toString('base64')
    await reached(() =>
      this.#client.putObject(
        this.#nameOf(key),
        Readable.toWeb(createReadStream(path)) as never,
        'application/octet-stream',
        undefined,
        // the store refuses other bytes than these
        { 'x-amz-checksum-sha256': checksum },
        size,
      ),
    )
    await rm(path, { force: true })
  }

  async read(key: FileKey, { start, end }: BytesRange): Promise<Readable | null> {
    const answer = await reached(() => this.#client.getObjectRaw(this.#nameOf(key), false, start, end + 1))
    return answer?.body ? Readable.fromWeb(answer.body as WebStream) : null
  }

  async remove(key: FileKey): Promise<void> {
    await rm(join(this.incoming, key.id), { force: true })
    await reached(() => this.#client.deleteObject(this.#nameOf(key)))
  }

  #nameOf({ organisationId, id }: FileKey): string {
    return [this.#prefix, organisationId, id].filter((part) => part !== '').join('/')
  }
}

/** @returns null where the store says that there is no such file @throws {Refusal} `storage_full`, `unavailable` */
async function reached<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    const { status, code = '' } = error as { status?: number; code?: string }
    if (status === 404 && code !== 'NoSuchBucket') return null
    if (status === 507 || FULL.test(code)) throw noRoom()
    throw Object.assign(new Refusal('unavailable', 'TRACT cannot reach the store of files; nothing was kept.'), {
      cause: error,
    })
  }
}

/** A stream goes out as it is read; an answer has to begin in time, and may take its time then. */
const patientFetch: typeof fetch = async (input, init = {}) => {
  const giveUp = new AbortController()
  const timer = setTimeout(() => giveUp.abort(), PATIENCE_MS)
  try {
    return await fetch(input, { ...init, signal: giveUp.signal, ...(init.body && { duplex: 'half' as const }) })
  } finally {
    clearTimeout(timer)
  }
}
