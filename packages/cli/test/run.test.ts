/** What is told, and where to, with streams that can be looked at. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { run } from '../src/run.js'
import { MAIN } from './support/cli.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tract-cli-run-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function ran(terminals: { stdout?: boolean; stderr?: boolean }, ...args: string[]) {
  const stream = (isTTY = false) => Object.assign(new PassThrough(), { isTTY })
  const [stdout, stderr] = [stream(terminals.stdout), stream(terminals.stderr)]
  const interruption = { signal: new AbortController().signal, isTakenOn: false }
  const env = { TRACT_CONFIG_DIR: folder }
  const exit = await run(args, { env, stdin: new PassThrough(), stdout, stderr, interruption })
  return { exit, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }
}

test.each([
  [{ stdout: true, stderr: false }, 'error: No client'],
  [{ stdout: false, stderr: true }, '\u001b[31merror\u001b[39m: No client'],
])('errors are coloured where they are read on a terminal: %j', async (terminals, beginning) => {
  const { stderr } = await ran(terminals, 'hooks', 'list')
  expect(stderr.slice(0, beginning.length)).toBe(beginning)
})

test.each([
  [['hook', 'list', '--json'], "unknown command 'hook'", 'Did you mean hooks?'],
  [['hooks', 'list', '--json', '--bad'], "unknown option '--bad'", 'Say --help for what it takes.'],
  [
    ['--json', 'deliveries', 'list', '--limit', 'x'],
    expect.stringMatching(/'x' is invalid.+from 1 to 10000/),
    /--help/,
  ],
  [['hooks', 'register', 'message.receive', '--json'], expect.stringContaining("'--to <url>' not specified"), /--help/],
  [['hooks', '--json'], 'A command is missing.', /--help/],
  [['hooks', 'list', '--json'], 'No client is logged in.', /tract login/],
])('a command line that makes no sense is told in JSON too: %j', async (args, message, hint) => {
  const { exit, stdout, stderr } = await ran({}, ...args)
  expect([exit, stdout]).toEqual([2, ''])
  expect(JSON.parse(stderr)).toEqual({ error: { message, hint: expect.stringMatching(hint) } })
})

test('what only looks like --json is what it stands for', async () => {
  expect((await ran({}, 'send', 'asha', '--', '--json')).stderr).toMatch(/^error: No client/)
})

test('help is help in any case', async () => {
  const { exit, stdout, stderr } = await ran({}, 'hooks', '--help', '--json')
  expect([exit, stdout, stderr]).toEqual([0, expect.stringContaining('Usage: tract hooks'), ''])
})

const whereDisksCanBeFull = existsSync('/dev/full') ? test : test.skip
whereDisksCanBeFull('a result that cannot be written is said, and is no success', () => {
  const command = ['-c', '"$0" "$@" --help > /dev/full', process.execPath, MAIN]
  const { status, stderr } = spawnSync('sh', command, { encoding: 'utf8' })
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^error: The output cannot be written: .*ENOSPC.*\n$/)])
})
