import type { Hook } from '@tract/client/platform'
import type { Command } from 'commander'
import { type Connection, connect } from './connection.js'
import { findHook } from './hook-lookup.js'
import { Output } from './output.js'
import { configFolder, type ProcessIo } from './process-io.js'
import { Profiles } from './profiles.js'

/** The options that every command has. */
export interface GlobalOptions {
  profile?: string
  url?: string
  json?: boolean
}

/** One run of one command. */
export class Session {
  readonly output: Output
  readonly profiles: Profiles
  /** What the process ends with, where nothing is thrown. */
  exitCode = 0
  #connection: Promise<Connection> | undefined

  constructor(
    readonly io: ProcessIo,
    readonly options: GlobalOptions,
  ) {
    this.output = new Output(io, options.json === true)
    this.profiles = new Profiles(configFolder(io.env), (text) => this.output.note(text))
  }

  connect(): Promise<Connection> {
    this.#connection ??= connect(this.options, this.io.env, this.profiles)
    return this.#connection
  }

  /** Aborted when the user wants the command to end, which it does itself from now on. */
  get interrupted(): AbortSignal {
    const { interruption } = this.io
    interruption.isTakenOn = true
    return interruption.signal
  }

  /** The hooks of the listener. */
  async hooks(): Promise<Hook[]> {
    const { tract } = await this.connect()
    return (await tract.hooks.list()).hooks ?? []
  }

  /** One of them, by its id or event. */
  async hook(word: string): Promise<Hook> {
    return findHook(await this.hooks(), word)
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined)
    await connection?.tract.close()
  }
}

type Work<Options> = (session: Session, args: string[], options: Options & GlobalOptions) => Promise<void>

/** Binds a command to what it does. */
export type Bind = <Options = object>(command: Command, work: Work<Options>) => void
