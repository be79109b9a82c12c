import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { keepTypes, untied } from '../release-client.js'

describe('a release of the client', () => {
  test('is tied to a released contract with the same first number', () => {
    expect(untied('1.4.2', '1.0.3', '1.0.3')).toEqual([])
    expect(untied('2.0.0', '1.0.3', '1.0.3')).toEqual([expect.stringContaining('first numbers')])
    expect(untied('1.4.2', '1.1.0', '1.0.3')).toEqual([expect.stringContaining('not released')])
  })

  describe('keeps its type tests', () => {
    let root: string
    const types = () => join(root, 'packages', 'client', 'test', 'types')
    const write = (text: string) => writeFile(join(types(), 'current', 'a.test-d.ts'), text)

    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), 'tract-release-'))
      await mkdir(join(types(), 'current'), { recursive: true })
      await write('one')
    })
    afterAll(() => rm(root, { recursive: true }))

    test('once', async () => {
      expect((await keepTypes(root, '1.0.0', true)).ok).toBe(false)
      expect((await keepTypes(root, '1.0.0', false)).ok).toBe(true)
      expect(await readFile(join(types(), 'released', '1.0.0', 'a.test-d.ts'), 'utf8')).toBe('one')
      expect((await keepTypes(root, '1.0.0', true)).ok).toBe(true)
    })

    test('and never changes them', async () => {
      await write('two')
      expect((await keepTypes(root, '1.0.0', false)).ok).toBe(false)
      expect(await readFile(join(types(), 'released', '1.0.0', 'a.test-d.ts'), 'utf8')).toBe('one')
      expect((await keepTypes(root, '1.0.1', false)).ok).toBe(true)
    })
  })
})
