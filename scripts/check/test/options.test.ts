import { expect, test } from '@jest/globals'
import { execute } from '../command.js'

/** What a command with these options does with the arguments. */
const run = (...args: string[]) => {
  const program = `import { given } from './scripts/ci/options.mjs'
    console.log(JSON.stringify(given({ options: { users: { type: 'string', default: '7' }, json: { type: 'boolean' } } }).values))`
  return execute({ run: ['node', '--input-type=module', '--eval', program, '--', ...args] })
}

test('what a command was given is read', async () => {
  expect(await run('--json')).toMatchObject({ ok: true, output: expect.stringContaining('{"json":true,"users":"7"}') })
})

test.each([
  [['--help'], "Unknown option '--help'"],
  [['--users'], "Option '--users <value>' argument missing"],
  [['--json=yes'], "Option '--json' does not take an argument"],
  [['--users', '--json'], "Option '--users' argument is ambiguous"],
  [['more'], "Unexpected argument 'more'"],
])('%j ends it with what there is', async (args, said) => {
  const { ok, output } = await run(...args)
  expect(ok).toBe(false)
  expect(output.trim()).toBe(`${said}. There are --users <value>, --json.`)
})
