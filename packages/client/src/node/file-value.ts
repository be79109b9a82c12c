import { readIfThere, removeFile, replaceFile } from './durable-file.js'

/** A value in a file. */
export interface FileValue<T> {
  /** Undefined where none was saved yet. */
  load(): Promise<T | undefined>
  /** Done once it is on the disk. One at a time. */
  save(value: T): Promise<void>
  /** As if none was ever saved, also of what a crash left: such as when a user is erased. */
  remove(): Promise<void>
}

/**
 * Keeps a value, as JSON, in a file of its own that its owner alone reads: such as how far the events of a desk were read. A crash leaves either what
 * was kept before, or what was saved; it may also leave `<path>.next`, which is of no use: who lists a folder of such files leaves that name out.
 */
export function fileValue<T>(path: string): FileValue<T> {
  return {
    async load() {
      const text = await readIfThere(path)
      if (text === undefined) return undefined
      try {
        return JSON.parse(text) as T
      } catch {
        throw new Error(`${path} holds no JSON: give the value a file of its own.`)
      }
    },
    async save(value) {
      const text = JSON.stringify(value)
      if (text === undefined) throw new TypeError(`What is saved in ${path} has to be JSON, and is ${typeof value}.`)
      await replaceFile(path, `${text}\n`)
    },
    remove: () => removeFile(path),
  }
}
