/** A running service with users that write to a desk, a program on a generated client. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { ROOT } from '../command.mjs'
import { Service } from '../service.mjs'

/** A delivery takes milliseconds; a busy machine is given time. */
const LONGEST_DELIVERY_MS = 30_000

export class World {
  #service
  #server
  /** What came, by the path that it came to. */
  #received = []

  /** @param {string} folder for the service's data @param {Record<string, string>} settings */
  static async start(folder, settings = {}) {
    const world = new World()
    world.#server = createServer((request, response) => void world.#receive(request, response)).listen(0, '127.0.0.1')
    await once(world.#server, 'listening')
    const command = [process.execPath, join(ROOT, 'packages', 'server', 'bundle', 'main.js')]
    world.#service = await Service.start({ folder, as: { env: { ...process.env, ...settings } }, command })
    // A desk without a hook cannot be reached, and would lose control.
    for (const listener of ['message_delivery', 'desk']) {
      const hook = { category: 'message', subcategory: 'receive', url: world.#hookUrl(listener) }
      await world.#service.call(listener, 'POST', '/tract/hooks/register/', hook)
    }
    world.url = (await world.#service.demoFile()).url
    return world
  }

  /** The published document of an audience. @returns {Promise<string>} */
  async document(audience) {
    return (await fetch(`${this.url}/openapi/${audience}.json`)).text()
  }

  /** @param {string} name of a listener, or `admin` for an operator @returns {Promise<string>} */
  token(name) {
    return this.#service.token(name)
  }

  /** A user of this name writes, and the desk gets control. @returns a program's environment */
  async deskFor(name) {
    await this.#service.write(name, 'Where is my order?')
    await this.#service.passToDesk(name)
    const { client_id, client_secret } = (await this.#service.demoFile()).listeners.desk
    return {
      TRACT_URL: this.url,
      TRACT_CLIENT_ID: client_id,
      TRACT_CLIENT_SECRET: client_secret,
      TRACT_USER: name,
      TRACT_HOOK_URL: this.#hookUrl(name),
      TRACT_TEXT: `Hello from ${name}`,
    }
  }

  /** The program registered its hook, which is called, and sent its message, which arrived. */
  async check(name) {
    const { hooks } = await this.#service.call('desk', 'GET', '/tract/hooks/list/')
    const url = hooks.find(({ category, subcategory }) => category === 'message' && subcategory === 'receive')?.url
    if (url !== this.#hookUrl(name)) throw new Error(`its hook is at ${url}, not at ${this.#hookUrl(name)}`)
    await this.#arrives('message_delivery', name, 'ect', `Hello from ${name}`)
    await this.#service.write(name, 'Thank you')
    await this.#arrives(name, name, 'ceu', 'Thank you')
  }

  async stop() {
    await this.#service?.stop()
    await this.#service?.removeData()
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #hookUrl(path) {
    return `http://127.0.0.1:${this.#server.address().port}/${path}`
  }

  async #arrives(path, user, sender, text) {
    const end = Date.now() + LONGEST_DELIVERY_MS
    const wanted = ({ at, body }) =>
      at === `/${path}` && body.user_id === user && body.sender === sender && body.message_body?.text === text
    for (; !this.#received.some(wanted); await delay(20))
      if (Date.now() > end) throw new Error(`'${text}' of ${sender} did not arrive at /${path}`)
  }

  async #receive(request, response) {
    this.#received.push({ at: request.url, body: await json(request) })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"success": true}')
  }
}
