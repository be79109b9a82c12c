/** Completion in the shells themselves, where they are installed. */

import { execFile, spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { PATIENCE_MS } from '@tract/testing/until'
import { Cli, MAIN } from './support/cli.js'

const run = promisify(execFile)
const DRIVER = fileURLToPath(new URL('support/zsh-completion.zsh', import.meta.url))

/** Skipped, and counted so, where there is none. */
const where = (shell: string) => (spawnSync(shell, ['--version']).error ? test.skip : test)

let cli: Cli
let bin: string
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  cli = await Cli.create()
  const client = { client_id: 'a', client_secret: 'b' }
  await cli.profiles('http://localhost', { desk: client, iva: client })
  bin = await mkdtemp(join(tmpdir(), 'tract-bin-'))
  // as npm does when it links a bin
  await chmod(MAIN, 0o755)
  await symlink(MAIN, join(bin, 'tract'))
  const path = `${bin}:${process.env.PATH}`
  env = { PATH: path, HOME: bin, TERM: 'dumb', TRACT_CONFIG_DIR: cli.folder, SHOWN: join(bin, 'shown') }
})
afterAll(async () => {
  await cli.close()
  await rm(bin, { recursive: true })
})

where('bash')('works in bash', async () => {
  const complete = async (...typed: string[]) => {
    const script = `eval "$(tract completion bash)"; COMP_WORDS=(tract ${typed.map((word) => `'${word}'`).join(' ')})
      COMP_CWORD=${typed.length}; _tract; echo "\${COMPREPLY[*]}"`
    return (await run('bash', ['-c', script], { env })).stdout.trim()
  }
  expect(await complete('hooks', 're')).toBe('register')
  expect(await complete('trigger', 'message.re')).toBe('message.receive message.read')
  expect(await complete('hooks', 'list', '-p', 'i')).toBe('iva')
})

where('zsh')('works in zsh', async () => {
  const typed = [
    'tract hooks re',
    'tract trigger message.rec',
    'tract hooks list -p i',
    'tract deliveries list --state un',
  ]
  const { stdout } = await run('zsh', ['-f', DRIVER, ...typed], { env, timeout: PATIENCE_MS })
  expect(stdout.split('\n').map((line) => line.trim())).toEqual([
    'tract hooks register',
    'tract trigger message.receive',
    'tract hooks list -p iva',
    'tract deliveries list --state undeliverable',
    '',
  ])
})

where('fish')('works in fish', async () => {
  const complete = async (line: string) => {
    const script = 'tract completion fish | source; complete -C $argv[1]'
    const { stdout } = await run('fish', ['--no-config', '-c', script, line], { env })
    return stdout.trim().split('\n').sort()
  }
  expect(await complete('tract hooks re')).toEqual(['register'])
  expect(await complete('tract trigger message.re')).toEqual(['message.read', 'message.receive'])
  expect(await complete('tract hooks list -p i')).toEqual(['iva'])
  expect(await complete('tract hooks list --p')).toEqual(['--profile'])
})
