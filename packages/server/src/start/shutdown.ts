/** What has been started, to be stopped in the reverse order. */
export class Shutdown {
  readonly #stops: (() => unknown)[] = []
  #closing: Promise<void> | undefined

  get isClosing(): boolean {
    return this.#closing !== undefined
  }

  /** What comes while everything is being stopped is stopped at the end. */
  add(stop: () => unknown): void {
    this.#stops.push(stop)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    for (let stop = this.#stops.pop(); stop; stop = this.#stops.pop()) await stop()
  }
}
