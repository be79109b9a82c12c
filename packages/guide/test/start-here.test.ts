/** Start here, as it stands: its commands in their order, and what it says that they print. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freePort } from '@tract/testing/listen'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { ROOT } from '../src/root.js'

// without the flags of jest's own process
const plain = { ...process.env, NODE_OPTIONS: '' }

let service: TestService
let clone: string
let vendor: ChildProcess | undefined

beforeAll(async () => {
  service = await TestService.start()
  clone = await mkdtemp(join(tmpdir(), 'tract-start-here-'))
  for (const name of ['node_modules', 'packages', 'package.json']) await symlink(join(ROOT, name), join(clone, name))
  await mkdir(join(clone, '.tract'))
  await writeFile(join(clone, '.tract/demo.json'), JSON.stringify(service.demo))
})
afterAll(async () => {
  if (vendor?.kill()) await once(vendor, 'exit')
  await service.close()
  await rm(clone, { recursive: true })
})

interface Step {
  commands: string
  /** What they print, line by line, in this order. */
  prints: string[]
}

/** The commands up to the heading, each with the printed texts that follow them. */
async function stepsUntil(heading: string): Promise<Step[]> {
  const page = await readFile(join(ROOT, 'docs/guide/start.md'), 'utf8')
  const [part = '', rest] = page.split(heading)
  if (rest === undefined) throw new Error(`Start here has no '${heading}'`)
  const steps: Step[] = []
  for (const [, language, text = ''] of part.matchAll(/```(sh|text)\n(.*?)```/gs)) {
    if (language === 'sh') steps.push({ commands: text, prints: [] })
    else steps.at(-1)?.prints.push(...text.trimEnd().split('\n'))
  }
  return steps
}

const inOrder = (text: string, parts: string[]) => {
  const escaped = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(escaped.join('[^]*')).test(text)
}

test('every command works, and prints what the page says', async () => {
  const [start, connect, converse, refused, signIn, ...others] = await stepsUntil('## A folder of your own')
  expect(others).toEqual([])
  // what newcomers do in a fresh clone, in CI
  expect(start?.commands).toBe('npm ci && npm start\n')

  let heard = ''
  const port = String(await freePort())
  const options = { cwd: clone, env: { ...plain, PORT: port }, detached: true }
  vendor = spawn('bash', ['-c', `${connect?.commands.replace('\nnode ', '\nexec node ')}`], options)
  vendor.stdout?.setEncoding('utf8').on('data', (text) => {
    heard += text
  })
  vendor.stderr?.setEncoding('utf8').on('data', (text) => {
    heard += text
  })
  const hears = (parts: string[]) => until(() => inOrder(heard, parts), `the printed ${parts.join(', ')}`)
  await hears(connect?.prints ?? [])

  const here = (commands: string) => commands.replaceAll('localhost:8080', new URL(service.url).host)
  const shell = async (commands: string) =>
    (await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', here(commands)], { cwd: clone, env: plain })).stdout
  const [passed, ...lines] = converse?.prints ?? []
  expect(await shell(converse?.commands ?? '')).toContain(passed)
  await hears(lines)

  const as = /^as\(\) \{.*?^\}$/ms.exec(converse?.commands ?? '')?.[0]
  const answer = await shell(`${as}\n${refused?.commands}`)
  expect([answer, inOrder(answer, refused?.prints ?? [])]).toEqual([answer, true])
  expect(await shell(signIn?.commands ?? '')).toContain(service.demo.admin.client_id)
})

test('the program of Sending is stored once, also where it runs twice', async () => {
  const program = join(ROOT, 'docs/guide/samples/send.ts')
  const send = async () =>
    (await promisify(execFile)(process.execPath, ['--import', 'tsx', program], { cwd: clone, env: plain })).stdout
  const first = await send()
  expect(first).toMatch(/^stored as message \d+$/m)
  expect(await send()).toBe(first)
})
