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

  /** The tests of what depends on the account: PostgreSQL, its folders, and files of secrets. */
  test() {
    return this.#run('npm', ['test', '--', 'packages/server/test/database'])
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

  /** The vendor's example of the README, in the clone itself. */
  vendorExample(service) {
    return this.#example(service, this.folder, 'asha')
  }

  /** The same in an empty folder, with the packages as they are published, by the commands of the README; then by the command line. */
  async vendorFolder(service) {
    const folder = `${this.folder}-vendor`
    const readme = await readFile(join(this.folder, 'README.md'), 'utf8')
    const [, commands] = readme.match(/```sh\n(mkdir [^`]*npm install[^`]*)```/) ?? []
    if (!commands) throw new Error('the README does not say how to install the packages')
    await this.#run('sh', ['-ec', commands.replaceAll('../vendor', folder)])
    await this.#example(service, folder, 'ravi')
    const tract = (...args) => {
      const env = { ...(this.account.as.env ?? process.env), TRACT_CONFIG_DIR: join(folder, 'config') }
      return output('npx', ['tract-cli', ...args], { ...this.account.as, env, cwd: folder })
    }
    await tract('login', '--from', join(service.dataDir, 'demo.json'))
    const hooks = JSON.parse(await tract('hooks', 'list', '--json', '--profile', 'desk'))
    if (hooks.length === 0) throw new Error('the command line does not see the hook of the example')
  }

  async #example(service, folder, user) {
    const readme = await readFile(join(this.folder, 'README.md'), 'utf8')
    const [, code] = readme.match(/```js\n(.*?)```/s) ?? []
    if (!code) throw new Error('the README has no example in JavaScript')
    const file = join(folder, 'vendor.mjs')
    await writeFile(file, code)
    const vendor = spawn(process.execPath, [file], {
      ...this.account.as,
      env: { ...(this.account.as.env ?? process.env), TRACT_DATA_DIR: service.dataDir, PORT: await freePort() },
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let printed = ''
    vendor.stdout.setEncoding('utf8').on('data', (text) => {
      printed += text
    })
    const prints = async (text) => {
      for (const end = Date.now() + 30_000; !printed.includes(text); await delay(20)) {
        if (vendor.exitCode !== null || Date.now() > end)
          throw new Error(`the example printed no '${text}' but:\n${printed}`)
      }
    }
    try {
      await prints('listening')
      const write = (words) =>
        service.call('message_delivery', 'POST', '/platform/message/send/', {
          user_id: user,
          sender: 'ceu',
          message_body: words,
          user: {},
        })
      await write('My bill is wrong')
      const control = { user_id: user, type: 'pass', requester: 'iva', receiver: 'desk' }
      await service.call('iva', 'POST', '/tract/thread_control/request', control)
      await write('Hello?')
      await prints('ceu: Hello?')
      await prints('message_id: 3')
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
