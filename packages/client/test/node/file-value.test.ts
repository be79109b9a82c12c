import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { fileValue } from '../../src/node/index.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tract-value-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a value is as it was saved last, and gone once it is removed, with what a crash left of another', async () => {
  const path = join(folder, 'asha.json')
  const value = fileValue<{ room: string }>(path)
  expect(await value.load()).toBeUndefined()
  await value.remove()
  await value.save({ room: '!a' })
  await value.save({ room: '!b' })
  await writeFile(`${path}.next`, '{"room": "!c')
  expect(await fileValue(path).load()).toEqual({ room: '!b' })
  await value.remove()
  expect(await readdir(folder)).toEqual([])
  expect(await value.load()).toBeUndefined()
})

test('what is no JSON is not saved over what is there', async () => {
  const value = fileValue<string | undefined>(join(folder, 'asha.json'))
  await value.save('f-7')
  await expect(value.save(undefined)).rejects.toThrow('asha.json has to be JSON')
  expect(await value.load()).toBe('f-7')
})
