import { join, resolve } from 'node:path'
import type { Config } from '../config.js'
import type { FileStore } from './file-store.js'
import { FolderStore } from './folder-store.js'
import { parseBucket } from './store-setting.js'

type StoreConfig = Pick<Config, 'attachments' | 'dataDir' | 's3KeyId' | 's3Key'>

/** The store that `TRACT_ATTACHMENTS` names. */
export async function openStore({ attachments, dataDir, s3KeyId, s3Key }: StoreConfig): Promise<FileStore> {
  const ours = join(dataDir, 'attachments')
  const bucket = parseBucket(attachments)
  if (bucket === null) return FolderStore.open(attachments === '' ? ours : resolve(attachments))
  // loaded where it is wanted only
  const { S3Store } = await import('./s3-store.js')
  return S3Store.open(bucket, { accessKeyId: s3KeyId, secretAccessKey: s3Key }, ours)
}
