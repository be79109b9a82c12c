/** `@tract/client/node`: what a desk keeps on its disk. */
export {
  type FileInbox,
  type FileInboxOptions,
  fileInbox,
  type InboxDelivery,
  type InboxHandlers,
} from './file-inbox.js'
export { type FileMap, type FileMapOptions, fileMap } from './file-map.js'
export {
  type FileQueue,
  type FileQueueOptions,
  fileQueue,
  type QueueCall,
  type QueueEntry,
  type QueueFailures,
} from './file-queue.js'
export { fileSecrets } from './file-secrets.js'
export { type FileStore, type FileStoreOptions, fileStore } from './file-store.js'
export { type FileValue, fileValue } from './file-value.js'
export { FileInUseError } from './process-lock.js'
