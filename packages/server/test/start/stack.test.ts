import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'

const inServer = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const translate = (log: string) =>
  execFileSync(process.execPath, [inServer('stack.mjs')], { input: log, encoding: 'utf8' })

test('a stack of the bundle is told in places of the sources', () => {
  const fails = `import(process.argv[1]).then(({ readConfig }) => readConfig({ TRACT_PORT: 'x' })).catch(({ stack }) => console.log(JSON.stringify({ stack })))`
  const log = execFileSync(process.execPath, ['-e', fails, inServer('bundle/config.js')], { encoding: 'utf8' })
  expect(log).toMatch(/at readConfig \(file:\/\/\S+\/bundle\/[\w-]+\.js:\d+:\d+\)/)
  const translated = translate(log)
  expect(translated).toMatch(/at readConfig \(packages\/server\/src\/config\.ts:\d+:\d+\)/)
  expect(Object.keys(JSON.parse(translated))).toEqual(['stack'])
})

test('what is of no bundle, or of another build, stays as it is', () => {
  const log = '{"msg":"x","stack":"Error\\n    at y (/a/bundle/chunk-OTHER.js:1:2)\\n    at z (/a/b.js:1:2)"}\n'
  expect(translate(log)).toBe(log)
})
