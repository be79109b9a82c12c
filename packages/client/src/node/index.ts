/** `@tract/client/node`: what a desk keeps on its disk. */
export { fileSecrets } from './file-secrets.js'
export { type FileStore, type FileStoreOptions, fileStore } from './file-store.js'
export { type FileValue, fileValue } from './file-value.js'
export { FileInUseError } from './process-lock.js'
