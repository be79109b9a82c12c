/** What somebody does who has just found the repository: clone, install, start, and what the README says next. */
import { spawn } from 'node:child_process'
import { chown, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { output, ROOT } from './command.mjs'
import { freePort, Service } from './service.mjs'

export class Newcomer {
  #services = []

  /** @param {import('./account.mjs').Account} account @param {string} clone the name of the folder */
  constructor(account, clone = 'tract') {
    this.account = account
    this.name = clone === 'tract' ? account.name : `${account.name} again`
    this.folder = join(account.folder, clone)
  }

  /** Cloned by us: git does not read another account's repository. */
  async clone() {
    await output('git', ['clone', '--quiet', '--no-hardlinks', ROOT, this.folder])
    const { uid, gid } = this.account.as
    if (uid === undefined) return
    for (const path of ['.', ...(await readdir(this.folder, { recursive: true }))])
      await chown(join(this.folder, path), uid, gid)
  }

  install() {
    return this.#run('npm', ['ci'])
  }

  test() {
    return this.#run('npm', ['test'])
  }

  /** With the command of the README, or another one. */
  async start(options = {}) {
    const service = await Service.start({
      folder: this.folder,
      as: this.account.as,
      command: ['npm', 'start'],
      ...options,
    })
    this.#services.push(service)
    return service
  }

  /** The vendor's example of the README, beside a running service, answers a user. */
  async vendorExample(service) {
    const readme = await readFile(join(this.folder, 'README.md'), 'utf8')
    const [, code] = readme.match(/```js\n(.*?)```/s) ?? []
    if (!code) throw new Error('the README has no example in JavaScript')
    const file = join(this.folder, 'vendor.mjs')
    await writeFile(file, code.replaceAll('9000', await freePort()))
    const vendor = spawn(process.execPath, [file], {
      ...this.account.as,
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let printed = ''
    vendor.stdout.setEncoding('utf8').on('data', (text) => {
      printed += text
    })
    const answered = async (text) => {
      for (const end = Date.now() + 30_000; !printed.includes(text); await delay(20)) {
        if (vendor.exitCode !== null || Date.now() > end)
          throw new Error(`the example printed no '${text}' but:\n${printed}`)
      }
    }
    try {
      await answered('listening')
      const write = (words) =>
        service.call('message_delivery', 'POST', '/platform/message/send/', {
          user_id: 'asha',
          sender: 'ceu',
          message_body: words,
          user: {},
        })
      await write('My bill is wrong')
      const control = { user_id: 'asha', type: 'pass', requester: 'iva', receiver: 'desk' }
      await service.call('iva', 'POST', '/tract/thread_control/request', control)
      await write('Hello?')
      await answered('message_id: 3')
    } finally {
      vendor.kill()
      await rm(file)
    }
  }

  /** Stops what still runs and removes everything. */
  async leave() {
    for (const service of this.#services) {
      await service.stop().catch(() => {})
      await service.removeData()
    }
    await rm(this.account.folder, { recursive: true, force: true })
  }

  #run(program, args) {
    return output(program, args, { ...this.account.as, cwd: this.folder })
  }
}
