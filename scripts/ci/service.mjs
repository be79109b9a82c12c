/** Starts the service as its user would, makes the first call, and stops it. */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { output } from './command.mjs'

/** A longer start hangs: a busy machine needs far less. */
const START_MS = 600_000
const STOP_MS = 30_000

export class Service {
  #child
  #printed = ''
  #stopped = false
  #folder
  #as

  /** @param dataDir where the service keeps its data, below `folder` */
  constructor(child, folder, dataDir, as) {
    this.#child = child
    this.#folder = folder
    this.#as = as
    this.dataDir = join(folder, dataDir)
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => {
        this.#printed += chunk
      })
    }
  }

  /** Resolves when it says that it runs. */
  static async start({ folder, as, command: [program, ...args], dataDir = '.tract' }) {
    const env = {
      ...as.env,
      TRACT_PORT: String(await freePort()),
      ...(dataDir !== '.tract' && { TRACT_DATA_DIR: dataDir }),
    }
    const child = spawn(program, args, { ...as, env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    const service = new Service(child, folder, dataDir, { ...as, env })
    const end = Date.now() + START_MS
    while (!service.#printed.includes('TRACT is running')) {
      if (child.exitCode !== null || Date.now() > end) {
        child.kill('SIGKILL')
        throw new Error(`the service did not start (${child.exitCode ?? 'too late'}):\n${service.#printed}`)
      }
      await delay(20)
    }
    return service
  }

  async demoFile() {
    return JSON.parse(await readFile(join(this.dataDir, 'demo.json'), 'utf8'))
  }

  /** @param {string} name of a listener, or `admin` for an operator @returns {Promise<string>} */
  async token(name) {
    const { admin, listeners } = await this.demoFile()
    return this.#tokenFor(name === 'admin' ? admin : listeners[name])
  }

  async #tokenFor(credentials) {
    const { url } = await this.demoFile()
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...credentials })
    return (await answerOf(await fetch(`${url}/tract/auth/token/`, { method: 'POST', body }))).access_token
  }

  /** It started as a whole: it said nothing else, and every client of the demo and of the sandbox gets a token. */
  async isWhole() {
    if (/did not|could not/.test(this.#printed)) throw new Error(`it did not start as a whole:\n${this.#printed}`)
    const { admin, listeners, sandbox } = await this.demoFile()
    for (const client of [admin, ...Object.values(listeners), ...Object.values(sandbox)]) await this.#tokenFor(client)
  }

  /** @param {string} listener whose client calls */
  async call(listener, method, path, body) {
    const { url } = await this.demoFile()
    const authorization = `Bearer ${await this.token(listener)}`
    const headers = { authorization, ...(body && { 'content-type': 'application/json' }) }
    return answerOf(await fetch(url + path, { method, headers, body: body && JSON.stringify(body) }))
  }

  /** The platform: a user writes. */
  write(user_id, message_body) {
    const message = { user_id, sender: 'ceu', message_body, user: {} }
    return this.call('message_delivery', 'POST', '/platform/message/send/', message)
  }

  /** The assistant passes control of the user's thread to the desk. */
  async passToDesk(user_id) {
    const control = { user_id, type: 'pass', requester: 'iva', receiver: 'desk' }
    const { success, reason } = await this.call('iva', 'POST', '/tract/thread_control/request', control)
    if (!success) throw new Error(`the desk does not get control: ${reason.message}`)
  }

  async firstCall() {
    const { hooks } = await this.call('desk', 'GET', '/tract/hooks/list/')
    if (hooks?.length !== 0) throw new Error(`a new service should know no hooks, not ${JSON.stringify(hooks)}`)
  }

  /** Runs a program in the same folder, with the same settings, as the same user. */
  runBeside(program, args) {
    return output(program, args, { ...this.#as, cwd: this.#folder })
  }

  /** SIGTERM to the command that was started, as a supervisor does; everything below has to go. */
  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      if (this.#stopped) return
      throw new Error(`the service has ended by itself (${this.#child.exitCode}):\n${this.#printed}`)
    }
    this.#stopped = true
    const family = await processesBelow(this.#child.pid)
    if (!family.some(({ command }) => command.includes('postgres')))
      throw new Error('there is no PostgreSQL below the service')
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const end = Date.now() + STOP_MS
    for (;;) {
      const running = new Set((await processes()).map(({ pid }) => pid))
      const left = family.filter(({ pid }) => running.has(pid))
      if (left.length === 0) break
      if (Date.now() > end) {
        for (const { pid } of left) process.kill(pid, 'SIGKILL')
        throw new Error(
          `${STOP_MS / 1000} s after SIGTERM there still ran:\n${left.map(({ command }) => command).join('\n')}`,
        )
      }
      await delay(200)
    }
    await exited
  }

  /** Removes what PostgreSQL keeps outside of the data folder where root runs the service. */
  async removeData() {
    const note = await readFile(join(this.dataDir, 'postgres-location.txt'), 'utf8').catch(() => '')
    const [home] = note.split('\n', 1)
    if (home) await rm(home, { recursive: true, force: true })
  }
}

async function answerOf(response) {
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text}`)
  return JSON.parse(text)
}

/** A port on which nothing listens, below those that systems give away: none of them is taken by another before it is used. */
export async function freePort() {
  for (;;) {
    const port = randomInt(10_000, 30_000)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch (error) {
      if (error.code === 'EADDRINUSE') continue
      throw error
    }
    server.close()
    await once(server, 'close')
    return port
  }
}

/** Without zombies, which the machine has to reap. */
async function processes() {
  const rows = (await output('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='])).trim().split('\n')
  return rows
    .map((row) => row.trim().match(/^(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/))
    .filter((row) => row && !row[3].startsWith('Z'))
    .map(([, pid, parent, , command]) => ({ pid: Number(pid), parent: Number(parent), command }))
}

async function processesBelow(root) {
  const all = await processes()
  const below = (pid) => all.filter(({ parent }) => parent === pid).flatMap((one) => [one, ...below(one.pid)])
  return below(root)
}
