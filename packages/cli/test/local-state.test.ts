import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { writePrivate } from '../src/profiles.js'
import { Cli } from './support/cli.js'

let cli: Cli
beforeAll(async () => {
  cli = await Cli.create()
})
afterAll(() => cli.close())

test.each(['{', '[]', '{"secret":"mine"}', '7'])(
  'what `listen` keeps is named where it is broken: %s',
  async (text) => {
    const file = join(cli.folder, 'listen.json')
    await writeFile(file, text)
    for (const args of [
      ['listen', '--print-secret'],
      ['doctor', 'http://127.0.0.1:9/'],
    ]) {
      const ended = await cli.run(...args)
      expect([ended.exit, ended.stdout, ended.stderr]).toEqual([
        ...[2, ''],
        expect.stringMatching(/^error: .+listen\.json is not .+\nMend it/),
      ])
    }
  },
)

test('what cannot be kept leaves no secrets beside', async () => {
  const folder = await mkdtemp(join(cli.folder, 'kept-'))
  await mkdir(join(folder, 'listen.json', 'in the way'), { recursive: true })
  await expect(writePrivate(folder, 'listen.json', { secret: 'whsec_c2VjcmV0' })).rejects.toThrow()
  expect(await readdir(folder)).toEqual(['listen.json'])
})
