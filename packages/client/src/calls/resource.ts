/** What the generated resources are made of. */
import type { CallOptions } from '../options.js'
import type { Input, Operation } from './operation.js'
import { type Answered, ListPromise, TractPromise } from './promise.js'

/** Makes a call, with all its attempts. */
export type Caller = <T>(operation: Operation, input: Input, options: CallOptions) => Promise<Answered<T>>

export abstract class Resource {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** @internal */
  protected $call<T>(operation: Operation, input: Input, options: CallOptions = {}): TractPromise<T> {
    return new TractPromise(this.$answer<T>(operation, input, options))
  }

  /** @internal */
  protected $answer<T>(operation: Operation, input: Input, options: CallOptions): Promise<Answered<T>> {
    return this.#caller<T>(operation, input, options)
  }

  /** @internal `field`: where a page holds its items. A page's `next` is sent as `after` to get the one that follows. */
  protected $list<Page, Item>(
    operation: Operation,
    input: Input,
    field: keyof Page & string,
    options: CallOptions = {},
  ): ListPromise<Page, Item> {
    const items = (page: Page) => page[field] as readonly Item[]
    const following = (page: Page) => {
      const { next } = page as { next?: string }
      if (next === undefined) return undefined
      const part = operation.method === 'GET' ? 'query' : 'body'
      return this.$list<Page, Item>(operation, { [part]: { ...input[part], after: next } }, field, options).then()
    }
    return new ListPromise(this.#caller<Page>(operation, input, options), items, following)
  }
}

/** A body in which a field that is a string on the wire may be given as the object that is serialised in it. */
export type Serialised<Body, Field extends keyof Body, Value> = Omit<Body, Field> & {
  [Key in keyof Pick<Body, Field>]: Body[Key] | Value
}

/** With the field as the string that goes over the wire. */
export function serialise<Body extends object, Field extends keyof Body>(body: Body, field: Field): object {
  const value = body[field]
  return typeof value === 'object' && value !== null ? { ...body, [field]: JSON.stringify(value) } : body
}
