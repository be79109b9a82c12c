/** The client's access token: fetched when it is needed, once for all calls that wait for it, and again before it expires. */

import { TractError } from '../errors.js'

export interface IssuedToken {
  access_token: string
  /** Seconds. */
  expires_in: number
}

/** A token is not used in its last seconds: the service counts whole ones, its clock may differ, and the way there takes time. */
const MARGIN_SECONDS = 30

export class AccessToken {
  readonly #fetch: () => Promise<IssuedToken>
  #token: string | undefined
  #usableUntil = 0
  #underWay: Promise<string> | undefined

  constructor(fetch: () => Promise<IssuedToken>) {
    this.#fetch = fetch
  }

  /** The token, if there is one that can be used; else `get` has to be waited for. */
  get current(): string | undefined {
    return Date.now() < this.#usableUntil ? this.#token : undefined
  }

  get(): Promise<string> {
    this.#underWay ??= this.#renew().finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
  }

  /** The service refused `token`. Another one may have taken its place already. */
  forget(token: string): void {
    if (this.#token === token) this.#usableUntil = 0
  }

  async #renew(): Promise<string> {
    const { access_token, expires_in } = await this.#fetch()
    if (typeof access_token !== 'string' || !access_token)
      throw new TractError('auth.token', 'The answer holds no token.')
    const margin = Math.min(MARGIN_SECONDS, 1 + expires_in / 10)
    this.#token = access_token
    this.#usableUntil = Date.now() + (expires_in - margin) * 1000
    return access_token
  }
}
