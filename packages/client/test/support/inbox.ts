/** An inbox of tickets, as the bridge of the examples has one: what it keeps outlives the bridge. It may lose its answers. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { LoopbackServer } from '@tract/testing/listen'

interface InboxFile {
  id: string
  name: string
  content: Buffer
}

interface Ticket {
  id: string
  key: string
  subject?: string
  note?: string
  isOpen: boolean
  lines: Line[]
}

interface Line {
  id: string
  key: string
  author: string
  text: string
  files: string[]
}

type Input = Record<string, string> & { files: string[] }

const AGENT = { id: 'a-1', name: 'Ravi' }

export class Inbox extends LoopbackServer {
  tickets: Ticket[] = []
  readonly files: InboxFile[] = []
  status: { status: 'open' | 'busy' | 'closed'; waiting: number } = { status: 'open', waiting: 0 }
  /** Of how many requests that were done the answer is still to be lost. */
  losses = 0
  /** Those of which paths. */
  lossesAt = /./
  isAway = false
  /** What happens while it is asked to erase a user. */
  beforeErasure: () => unknown = () => {}
  /** What each line said, and came to say, in the order in which it was written. */
  readonly written: string[] = []
  /** Over all inboxes, since what a client of TRACT does has keys of them. */
  static #lastEvent = 0
  #events: { id: number; ticket: string; ticket_key: string; agent: typeof AGENT }[] = []
  #lines = 0
  readonly #fileKeys = new Map<string, InboxFile>()

  static start(): Promise<Inbox> {
    return new Inbox().listen()
  }

  ticketOf(userId: string, conversation: string): Ticket | undefined {
    return this.tickets.find(({ key }) => key === JSON.stringify([userId, conversation]))
  }

  /** What an agent does. */
  agent(ticket: Ticket, type: 'assigned' | 'closed' | 'returned', text = ''): void {
    this.#tell(ticket, { type, text, files: [] })
  }

  /** An agent's words; @returns the line's id. Said again with that, it says something else, or nothing. */
  say(ticket: Ticket, text: string, files: InboxFile[] = [], line = `line-${++this.#lines}`): string {
    this.#tell(ticket, { type: 'message', line, text, files: files.map(({ id, name }) => ({ id, name })) })
    return line
  }

  addFile(name: string, content: Buffer): InboxFile {
    const file = { id: `file-${this.files.length + 1}`, name, content }
    this.files.push(file)
    return file
  }

  #tell({ id, key }: Ticket, event: object): void {
    this.#events.push({ id: ++Inbox.#lastEvent, ticket: id, ticket_key: key, agent: AGENT, ...event })
  }

  protected async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isAway) return void request.socket.destroy()
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://inbox')
    const body = Buffer.concat(await request.toArray())
    if (request.method === 'GET' && pathname.startsWith('/files/')) {
      response.end(this.files.find(({ id }) => pathname.endsWith(`/${id}`))?.content)
      return
    }
    if (pathname === '/tickets/erase') await this.beforeErasure()
    const answer = this.#answer(pathname, searchParams, body)
    if (request.method === 'POST' && this.lossesAt.test(pathname) && this.losses-- > 0) request.socket.destroy()
    else response.end(JSON.stringify(answer))
  }

  #answer(path: string, query: URLSearchParams, body: Buffer): unknown {
    if (path === '/status') return this.status
    if (path === '/events') return this.#events.filter(({ id }) => id > Number(query.get('after'))).slice(0, 10)
    if (path === '/files') return this.#keepFile(query.get('key') ?? '', query.get('name') ?? '', body)
    const input = JSON.parse(body.toString('utf8')) as Input
    if (path === '/tickets') return this.#open(input)
    if (path === '/tickets/close') return this.#close(input)
    if (path === '/tickets/erase') return this.#erase(input)
    const id = path.split('/')[2] ?? ''
    return path.startsWith('/lines/') ? this.#changeLine(id, input) : this.#addLine(id, input)
  }

  #keepFile(key: string, name: string, content: Buffer): { id: string } {
    const file = this.#fileKeys.get(key) ?? this.addFile(name, content)
    this.#fileKeys.set(key, file)
    return { id: file.id }
  }

  #open({ key = '', ...fields }: Input): { id: string } {
    const known = this.tickets.find((ticket) => ticket.key === key)
    const ticket = known ?? { id: `ticket-${this.tickets.length + 1}`, key, lines: [], isOpen: true }
    Object.assign(ticket, fields, { isOpen: true })
    if (!known) this.tickets.push(ticket)
    return { id: ticket.id }
  }

  #close({ key, note }: Input): object {
    const ticket = this.tickets.find((one) => one.key === key)
    if (ticket) Object.assign(ticket, { note, isOpen: false })
    return {}
  }

  #erase({ user_id }: Input): object {
    this.tickets = this.tickets.filter(({ key }) => JSON.parse(key)[0] !== user_id)
    this.#events = this.#events.filter(({ ticket_key }) => JSON.parse(ticket_key)[0] !== user_id)
    return {}
  }

  #addLine(ticketId: string, { key = '', author = '', text = '', files }: Input): object {
    const ticket = this.tickets.find(({ id }) => id === ticketId)
    const known = ticket?.lines.find((line) => line.key === key)
    if (!ticket || known) return { id: known?.id, text: known?.text }
    const id = `line-${++this.#lines}`
    if (text === '') return { id, text }
    this.written.push(text)
    ticket.lines.push({ id, key, author, text, files })
    this.#tell(ticket, { type: 'message', line: id, key, text, files: [] })
    return { id, text }
  }

  /** A line that says nothing is gone. */
  #changeLine(id: string, { text = '' }: Input): object {
    this.written.push(text)
    const ticket = this.tickets.find(({ lines }) => lines.some((line) => line.id === id))
    if (ticket) ticket.lines = ticket.lines.flatMap((line) => (line.id !== id ? line : text ? { ...line, text } : []))
    return {}
  }
}
