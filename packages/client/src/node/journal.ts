/**
 * The file of a store: a line that says what it is, then one line of JSON for each thing that happened, oldest first. One process has it.
 *
 * `append` is done once its line is on the disk; what comes while a write is under way shares the next one. The file is written again from memory,
 * beside the old one, and put in its place: once it has grown enough, when that is asked for, and after a write that failed, which may have left part
 * of it. So what is appended has to be in memory before, or not at all. A line that a crash left broken is forgotten.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { OWNER_ONLY, readIfThere, replaceFile } from './durable-file.js'
import { lockFile } from './process-lock.js'

/** What a store holds in memory. */
export interface JournalMemory {
  /** Takes in a line of the file. @returns whether it is one of this store */
  read(line: unknown): boolean
  /** The lines from which all that is known is known again. */
  lines(): Iterable<unknown>
  /** Is it time to write the file again? By its size, if absent. */
  isFull?(lines: number): boolean
}

interface Waiting {
  /** Absent where all is to be written again. */
  line?: string
  done: () => void
  failed: (error: unknown) => void
}

/** In bytes: a file of which so much, and half, is over is written again. */
const MUCH = 1_048_576

export class Journal {
  readonly #path: string
  readonly #head: string
  readonly #memory: JournalMemory
  readonly #unlock: () => Promise<void>
  #file: FileHandle | undefined
  /** With those that are over by now. */
  #lines = 0
  #bytes = 0
  /** Of the file as it was written last. */
  #firstBytes = 0
  #isBroken = false
  #closing: Promise<void> | undefined
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined

  private constructor(path: string, kind: string, memory: JournalMemory, unlock: () => Promise<void>) {
    this.#path = path
    this.#head = `${JSON.stringify({ file: kind, version: 1 })}\n`
    this.#memory = memory
    this.#unlock = unlock
  }

  /** Reads what is there into `memory`; makes the file if there is none. Rejects with a `FileInUseError` while another has it. */
  static async open(path: string, kind: string, memory: JournalMemory): Promise<Journal> {
    const unlock = await lockFile(path)
    const journal = new Journal(path, kind, memory, unlock)
    try {
      const text = await readIfThere(path)
      if (text !== undefined) journal.#read(text)
      if (text === undefined || journal.#isBroken) await journal.#rewrite()
      else journal.#file = await open(path, 'a', OWNER_ONLY)
      return journal
    } catch (error) {
      await unlock()
      throw error
    }
  }

  append(line: unknown): Promise<void> {
    return this.#enqueue(lineOf(line))
  }

  /** Leaves nothing in the file but what is known. */
  rewrite(): Promise<void> {
    return this.#enqueue()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#writing
    // what could not be written is known to this process alone
    if (this.#isBroken) await this.#rewrite().catch(() => {})
    await this.#file?.close()
    this.#file = undefined
    await this.#unlock()
  }

  #enqueue(line?: string): Promise<void> {
    if (this.#closing) return Promise.reject(new Error(`${this.#path} is closed.`))
    return new Promise((done, failed) => {
      this.#waiting.push({ ...(line !== undefined && { line }), done, failed })
      this.#writing ??= this.#write()
    })
  }

  #read(text: string): void {
    if (!text.startsWith(this.#head))
      throw new Error(`${this.#path} is no file of this store: give it a path of its own.`)
    const lines = text.slice(this.#head.length).split('\n')
    this.#isBroken = lines.pop() !== ''
    for (const line of lines) if (!this.#memory.read(parsed(line))) this.#isBroken = true
    this.#lines = lines.length
    this.#bytes = Buffer.byteLength(text)
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0)
      try {
        if (this.#isBroken || this.#isFull(batch) || batch.some(({ line }) => line === undefined)) await this.#rewrite()
        else await this.#appendAll(batch)
        for (const { done } of batch) done()
      } catch (error) {
        this.#isBroken = true
        for (const { failed } of batch) failed(error)
      }
    }
    // here and not once it is settled: what those that are done with their writes write at once has to begin another
    this.#writing = undefined
  }

  #isFull(batch: readonly Waiting[]): boolean {
    return this.#memory.isFull?.(this.#lines + batch.length) ?? this.#bytes > 2 * this.#firstBytes + MUCH
  }

  async #appendAll(batch: readonly Waiting[]): Promise<void> {
    const text = batch.map(({ line }) => line).join('')
    await this.#file?.appendFile(text)
    await this.#file?.datasync()
    this.#lines += batch.length
    this.#bytes += Buffer.byteLength(text)
  }

  async #rewrite(): Promise<void> {
    const lines = Array.from(this.#memory.lines(), lineOf)
    const text = this.#head + lines.join('')
    await replaceFile(this.#path, text)
    await this.#file?.close()
    this.#file = await open(this.#path, 'a', OWNER_ONLY)
    this.#lines = lines.length
    this.#bytes = this.#firstBytes = Buffer.byteLength(text)
    this.#isBroken = false
  }
}

const lineOf = (line: unknown): string => `${JSON.stringify(line)}\n`

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Of ids that are read from JSON, whose types say nothing: a number would be there until the file is read again. */
export function textOnly(names: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(names))
    if (typeof value !== 'string') throw new TypeError(`${name} is a string, and not ${value}`)
}
