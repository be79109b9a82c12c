/** What newcomers do: clone, install, start, and what the guide's *Start here* says next. */
import { spawn } from 'node:child_process'
import { chown, copyFile, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { output, ROOT } from './command.mjs'
import { freePort, Service } from './service.mjs'

export class Newcomer {
  #services = []

  /** @param {import('./account.mjs').Account} account @param {string} clone a folder's name */
  constructor(account, clone = 'tract') {
    this.account = account
    this.name = clone === 'tract' ? account.name : `${account.name} again`
    this.folder = join(account.folder, clone)
  }

  /** Cloned by this account: git does not read another account's repository. */
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

  /** Starts a service by the README's command, or another, and makes the first call. */
  async start(options = {}) {
    const { folder, account } = this
    const service = await Service.start({ folder, as: account.as, command: ['npm', 'start'], ...options })
    this.#services.push(service)
    await service.firstCall()
    return service
  }

  /** The chat tool of *Start here*, in the clone. */
  vendorExample(service) {
    return this.#example(service, this.folder, 'asha')
  }

  /** The same in an empty folder with the packed packages, and then the command line. */
  async vendorFolder(service) {
    const folder = `${this.folder}-vendor`
    await this.#run('sh', [
      '-ec',
      (await this.#startHere(/```sh\n(mkdir [^`]*npm install[^`]*)```/)).replaceAll('../vendor', folder),
    ])
    await this.#example(service, folder, 'ravi')
    const { as } = this.account
    const env = { ...as.env, TRACT_CONFIG_DIR: join(folder, 'config') }
    const tract = (...args) => output('npx', ['tract-cli', ...args], { ...as, env, cwd: folder })
    await tract('login', '--from', join(service.dataDir, 'demo.json'))
    const hooks = JSON.parse(await tract('hooks', 'list', '--json', '--profile', 'desk'))
    if (hooks.length === 0) throw new Error('the command line does not see the hook of the example')
  }

  /** What the page has there. */
  async #startHere(pattern) {
    const [, found] = (await readFile(join(this.folder, 'docs/guide/start.md'), 'utf8')).match(pattern) ?? []
    if (!found) throw new Error(`Start here has nothing like ${pattern}`)
    return found
  }

  async #example(service, folder, user) {
    const file = join(folder, 'vendor.mjs')
    await copyFile(join(this.folder, 'packages/client/examples/minimal.ts'), file)
    const { as } = this.account
    const env = { ...as.env, TRACT_DATA_DIR: service.dataDir, PORT: await freePort() }
    const vendor = spawn(process.execPath, [file], { ...as, env, cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
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
      await service.write(user, 'My bill is wrong')
      await service.passToDesk(user)
      await service.write(user, 'Hello?')
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
