import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { BEGIN, reference } from './reference/reference.js'
import { Cli } from './support/cli.js'

const readme = () => readFile(new URL('../README.md', import.meta.url), 'utf8')

test('the README has every command as it explains itself; `npm run reference -w @tract/cli` brings it up to date', async () => {
  const text = await readme()
  expect(text.slice(text.indexOf(BEGIN))).toBe(reference())
})

test('--help says what the README has', async () => {
  const cli = await Cli.create()
  const text = await readme()
  for (const words of [[], ['listen'], ['hooks', 'register'], ['doctor']])
    expect(text).toContain((await cli.run(...words, '--help')).stdout.trim())
  await cli.close()
})
