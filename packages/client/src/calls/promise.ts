import type { RawResponse } from '../errors.js'

/** What a call answered, and how. */
export interface Answered<T> {
  data: T
  response: RawResponse
  /** The id of the call in the service's logs. */
  requestId: string | undefined
}

/** The promise of what a call answers; `withResponse()` has the answer as it came, too. */
export class TractPromise<T> implements Promise<T> {
  readonly #answered: Promise<Answered<T>>

  constructor(answered: Promise<Answered<T>>) {
    this.#answered = answered
  }

  get [Symbol.toStringTag](): string {
    return 'TractPromise'
  }

  /** The answer with its status and headers. */
  withResponse(): Promise<Answered<T>> {
    return this.#answered
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  then<A = T, B = never>(
    onFulfilled?: ((data: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const fulfilled = onFulfilled ?? ((data: T) => data as unknown as A)
    return this.#answered.then(({ data }) => fulfilled(data), onRejected)
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(null, onRejected)
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then().finally(onFinally)
  }
}

/** The promise of a list's first page. `for await` goes through everything that is listed, and asks for each further page when it gets there. */
export class ListPromise<Page, Item> extends TractPromise<Page> implements AsyncIterable<Item> {
  readonly #items: (page: Page) => readonly Item[]
  readonly #following: (page: Page) => Promise<Page> | undefined

  constructor(
    answered: Promise<Answered<Page>>,
    items: (page: Page) => readonly Item[],
    following: (page: Page) => Promise<Page> | undefined,
  ) {
    super(answered)
    this.#items = items
    this.#following = following
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for (let page: Promise<Page> | undefined = this.then(); page; ) {
      const current: Page = await page
      yield* this.#items(current)
      page = this.#following(current)
    }
  }
}
