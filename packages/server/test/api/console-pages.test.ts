import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, call } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'

const BUILT = new URL('../../../console/dist/', import.meta.url)
const isBuilt = existsSync(new URL('index.html', BUILT))
if (!isBuilt) console.warn('The console is not built, so that its pages are not tested: npm run build')

let service: TestService
beforeAll(async () => {
  service = await TestService.start()
})
afterAll(() => service.close())

const get = (path: string): Promise<Answer> => call(service.url + path, { method: 'GET' })

;(isBuilt ? describe : describe.skip)('the console', () => {
  const page = isBuilt ? readFileSync(new URL('index.html', BUILT), 'utf8') : ''
  const script = /src="(\/console\/assets\/[^"]+\.js)"/.exec(page)?.[1] as string

  test.each(['', '/', '/an-organisation/threads', '/an-organisation/threads/user%2F1.2', '/no/such/view?x=1'])(
    'is one page at /console%s',
    async (path) => {
      const { status, headers, text } = await get(`/console${path}`)
      expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
        200,
        'text/html; charset=utf-8',
        'no-cache',
      ])
      expect(text).toBe(page)
    },
  )

  test('lets run what it serves, and nothing else', async () => {
    const { headers } = await get('/console')
    const policy = headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    // nothing in the page itself that the policy would stop
    expect(page).not.toMatch(/<script(?![^>]* src=)|<style|style=|\son\w+=/)
  })

  test('has files that are kept for good, as their names change with their contents', async () => {
    const { status, headers } = await get(script)
    expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable'])
    expect(headers.get('content-type')).toMatch(/javascript/)
  })

  test('has no page in place of a file that is gone', async () => {
    const { status, body } = await get('/console/assets/index-of-yesterday.js')
    expect([status, body.code]).toEqual([404, 'unknown_path'])
  })

  test.each([
    '/console/../package.json',
    '/console/%2e%2e/package.json',
    '/console/..%2fpackage.json',
    '/console/assets/..%2f..%2f..%2fpackage.json',
    '/console//etc/passwd',
    '/console/%00',
  ])('gives nothing else of the disk away at %s', async (path) => {
    const { text } = await get(path)
    expect(text === page || JSON.parse(text).code !== undefined).toBe(true)
  })

  test('takes nothing in', async () => {
    expect((await call(`${service.url}/console`, { body: {} })).status).toBe(404)
  })

  test('is what the welcome ends with', () => {
    const last = service.service.welcome.filter((line) => line !== '').at(-1)
    expect(last?.trim()).toBe(`${service.url}/console`)
  })
})
