/**
 * The file of a store: a line that says what it is, then one line for each delivery that was handled, oldest first.
 *
 * `append` is done once its line is on the disk; what comes while a write is under way shares the next one. After twice `limit` lines, and after a
 * write that failed, the file is written again from memory: beside the old one, and put in its place. A line that a crash left broken is forgotten.
 */
import { type FileHandle, open } from 'node:fs/promises'
import type { Deliveries } from '../webhooks/delivery-store.js'
import { OWNER_ONLY, readIfThere, replaceFile } from './durable-file.js'

const HEAD = JSON.stringify({ file: 'tract deliveries', version: 1 })

interface Waiting {
  line: string
  done: () => void
  failed: (error: unknown) => void
}

export class DeliveryLog {
  readonly #path: string
  readonly #deliveries: Deliveries
  #file: FileHandle | undefined
  /** With those of deliveries that are forgotten by now. */
  #lines = 0
  #isBroken = false
  #isClosed = false
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined

  private constructor(path: string, deliveries: Deliveries) {
    this.#path = path
    this.#deliveries = deliveries
  }

  /** Reads what is remembered into `deliveries`; makes the file if there is none. */
  static async open(path: string, deliveries: Deliveries): Promise<DeliveryLog> {
    const log = new DeliveryLog(path, deliveries)
    const text = await readIfThere(path)
    if (text !== undefined) log.#read(text)
    if (text === undefined || log.#isBroken) await log.#rewrite()
    else log.#file = await open(path, 'a', OWNER_ONLY)
    return log
  }

  append(id: string, answer: string): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error(`The store ${this.#path} is closed.`))
    return new Promise((done, failed) => {
      this.#waiting.push({ line: lineOf(id, answer), done, failed })
      this.#writing ??= this.#write().finally(() => {
        this.#writing = undefined
      })
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#writing
    await this.#file?.close()
    this.#file = undefined
  }

  #read(text: string): void {
    const [head, ...lines] = text.split('\n')
    if (head !== HEAD) throw new Error(`${this.#path} is no file of this store: give it a path of its own.`)
    this.#isBroken = lines.pop() !== ''
    for (const line of lines) {
      const [id, answer] = parsed(line)
      if (typeof id === 'string' && typeof answer === 'string') this.#deliveries.remember(id, answer)
      else this.#isBroken = true
    }
    this.#lines = lines.length
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0)
      try {
        const isFull = this.#lines + batch.length > 2 * this.#deliveries.limit
        if (isFull || this.#isBroken) await this.#rewrite()
        else await this.#appendAll(batch)
        for (const { done } of batch) done()
      } catch (error) {
        // Part of it may be in the file: the next write starts from memory, which has these as well.
        this.#isBroken = true
        for (const { failed } of batch) failed(error)
      }
    }
  }

  async #appendAll(batch: readonly Waiting[]): Promise<void> {
    await this.#file?.appendFile(batch.map(({ line }) => line).join(''))
    await this.#file?.datasync()
    this.#lines += batch.length
  }

  async #rewrite(): Promise<void> {
    const { answers } = this.#deliveries
    const lines = Array.from(answers, ([id, answer]) => lineOf(id, answer))
    await replaceFile(this.#path, `${HEAD}\n${lines.join('')}`)
    await this.#file?.close()
    this.#file = await open(this.#path, 'a', OWNER_ONLY)
    this.#lines = lines.length
    this.#isBroken = false
  }
}

const lineOf = (id: string, answer: string): string => `${JSON.stringify([id, answer])}\n`

function parsed(line: string): unknown[] {
  try {
    const value: unknown = JSON.parse(line)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
