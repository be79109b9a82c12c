/** Tokens. The client gets its own by itself: these are for those who want to look closer. */

import type { AuthorizationServerMetadata, Jwks, RevocationResponse, TokenResponse } from '@tract/contract'
import type { Calls } from '../calls/calls.js'
import type { Operation } from '../calls/operation.js'
import { type Answered, TractPromise } from '../calls/promise.js'
import { TractError } from '../errors.js'
import type { CallOptions, TractOptions } from '../options.js'
import { AccessToken } from './access-token.js'
import { type ClientAuthentication, clientAuthentication } from './client-authentication.js'

const TOKEN = {
  name: 'auth.token',
  method: 'POST',
  path: '/tract/auth/token/',
  repeat: 'always',
  public: true,
} as const
const REVOKE = { ...TOKEN, name: 'auth.revoke', path: '/tract/auth/revoke/' } as const
const JWKS = { ...TOKEN, name: 'auth.jwks', method: 'GET', path: '/tract/auth/jwks/' } as const
const METADATA = { ...JWKS, name: 'auth.metadata', path: '/.well-known/oauth-authorization-server' } as const

export class Auth {
  readonly #calls: () => Calls
  readonly #authentication: ClientAuthentication
  readonly #scopes: readonly string[] | undefined
  #issuer: Promise<string> | undefined
  /** @internal */
  readonly accessToken = new AccessToken(() => this.#issue())

  /** @internal `calls`: later, as calls need the token in turn. */
  constructor(options: TractOptions, calls: () => Calls) {
    this.#calls = calls
    this.#scopes = options.scopes
    this.#authentication = clientAuthentication(options, () => this.#issuerOnce())
  }

  /** The access token that calls are made with; fetched if there is none yet, or if it is about to expire. */
  async token(): Promise<string> {
    return this.accessToken.current ?? this.accessToken.get()
  }

  /** Revokes the access token that calls are made with, or another one of this client. The next call gets a new one. */
  revoke(token?: string, options: CallOptions = {}): TractPromise<RevocationResponse> {
    return new TractPromise(this.#revoke(token ?? this.accessToken.current, options))
  }

  /** The keys that tokens verify with (RFC 7517). */
  jwks(options: CallOptions = {}): TractPromise<Jwks> {
    return new TractPromise(this.#calls().make<Jwks>(JWKS, {}, options))
  }

  /** What an OAuth client library needs to know of the service (RFC 8414). */
  metadata(options: CallOptions = {}): TractPromise<AuthorizationServerMetadata> {
    return new TractPromise(this.#calls().make<AuthorizationServerMetadata>(METADATA, {}, options))
  }

  async #revoke(token: string | undefined, options: CallOptions): Promise<Answered<RevocationResponse>> {
    if (token === undefined) throw new TractError(REVOKE.name, 'There is no token to revoke.')
    this.accessToken.forget(token)
    return this.#post(REVOKE, { token }, options)
  }

  async #issue(): Promise<TokenResponse> {
    const scope = this.#scopes && { scope: this.#scopes.join(' ') }
    return (await this.#post<TokenResponse>(TOKEN, { grant_type: 'client_credentials', ...scope }, {})).data
  }

  /** The form is written for every attempt: the service takes an assertion once. */
  #post<T>(operation: Operation, fields: Record<string, string>, options: CallOptions): Promise<Answered<T>> {
    const body = async () => new URLSearchParams({ ...fields, ...(await this.#authentication()) }).toString()
    const raw = { contentType: 'application/x-www-form-urlencoded', body }
    return this.#calls().make<T>(operation, { raw }, options)
  }

  /** The service may be known to itself by another address than the one it is called at. */
  #issuerOnce(): Promise<string> {
    this.#issuer ??= this.metadata().then(
      ({ issuer }) => issuer,
      (error) => {
        this.#issuer = undefined
        throw error
      },
    )
    return this.#issuer
  }
}
