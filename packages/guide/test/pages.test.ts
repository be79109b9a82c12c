/** The guide as the service serves it: every link leads somewhere, and nothing comes from elsewhere. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { built } from '@tract/testing/built'
import { type Answer, call } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { finder } from '../src/browser/finder.js'
import { PAGES } from '../src/contents.js'

let service: TestService
/** By the path of each address that a page leads to. */
const answers = new Map<string, Answer>()

const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  call(service.url + path, { method: 'GET', headers })
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found]) => found as string)
const linksOf = (html: string) => matches(html, /<a [^>]*href="([^"]+)"/g).map((href) => href.replaceAll('&amp;', '&'))
const idsOf = (html: string) => new Set(matches(html, / id="([^"]+)"/g))
const isHtml = ({ headers }: Answer) => headers.get('content-type')?.startsWith('text/html')

beforeAll(async () => {
  await built('@tract/guide', '@tract/console')
  service = await TestService.start()
  const paths = ['/guide']
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    if (answers.has(path)) continue
    const answer = await get(path)
    answers.set(path, answer)
    if (!path.startsWith('/guide')) continue
    for (const href of linksOf(answer.text)) if (href.startsWith('/')) paths.push(href.split('#')[0] as string)
  }
})
afterAll(() => service.close())

test('every page is reached from the first, and every link leads to something', () => {
  const missing = PAGES.map(({ path }) => (path ? `/guide/${path}` : '/guide')).filter((path) => !answers.has(path))
  expect(missing).toEqual([])
  const dead = [...answers].filter(([, { status }]) => status !== 200).map(([path]) => path)
  expect(dead).toEqual([])
  expect([...answers.keys()]).toEqual(expect.arrayContaining(['/docs', '/console', '/openapi/vendor.json']))
})

test('every link to a section leads to one that there is', () => {
  const wrong: string[] = []
  for (const [path, { text }] of answers) {
    if (!path.startsWith('/guide')) continue
    for (const href of linksOf(text)) {
      const [to, anchor] = href.split('#')
      const page = answers.get(to || path)
      if (anchor && !href.startsWith('http') && page && !idsOf(page.text).has(anchor)) wrong.push(`${path}: ${href}`)
    }
  }
  expect(wrong).toEqual([])
})

test('no page has a script or a style within, or fetches anything from elsewhere', () => {
  for (const [path, answer] of answers) {
    if (!path.startsWith('/guide') || !isHtml(answer)) continue
    const html = answer.text
    expect([path, /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/.test(html)]).toEqual([path, false])
    const fetched = matches(html, /<(?:script|img|link)[^>]* (?:src|href)="([^"]+)"/g)
    expect(fetched.filter((address) => !address.startsWith('/guide/assets/'))).toEqual([])
  }
})

describe('over HTTP', () => {
  test('a page needs no token, and is not sent again while it is the same', async () => {
    const { status, headers } = await get('/guide/start')
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-cache'])
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'; style-src 'self';")
    const etag = headers.get('etag') as string
    // fetch says no-cache by itself where a header asks for what is kept
    const asks = { 'if-none-match': etag, 'cache-control': 'max-age=0' }
    expect((await get('/guide/start', asks)).status).toBe(304)
  })

  test('what pages need is kept for good, as its name changes with its contents', async () => {
    const [style] = matches(answers.get('/guide')?.text ?? '', /(\/guide\/assets\/[^"]+\.css)/g)
    const { status, headers, text } = await get(style as string)
    expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable'])
    expect(text).not.toMatch(/@import|url\(/)
  })

  test.each(['/guide/no-such-page', '/guide/..%2fpackage.json', '/guide/%2e%2e/package.json', '/guide/start.html'])(
    'there is nothing at %s',
    async (path) => {
      const { status, body } = await get(path)
      expect([status, body.code]).toEqual([404, 'unknown_path'])
    },
  )

  test('the welcome names it', () => {
    expect(service.service.welcome.join('\n')).toContain(`${service.url}/guide`)
  })
})

describe('the search', () => {
  let find: ReturnType<typeof finder>

  beforeAll(async () => {
    const [index] = matches(answers.get('/guide')?.text ?? '', /data-search="([^"]+)"/g)
    find = finder((await get(index as string)).body)
  })

  test.each([
    ['signature', /receiving#verify-a-signature/],
    ['429', /sending|errors|receiving|hooks/],
    ['conversation_over', /sending|thread-control|errors|desk/],
    ['conversation over', /sending|thread-control|errors|desk/],
    ['signatrue', /receiving#verify-a-signature/],
  ])('finds %s', (words, where) => {
    expect(
      find(words)
        .slice(0, 5)
        .map(({ id }) => id),
    ).toContainEqual(expect.stringMatching(where))
  })

  test('finds a name as a whole before its parts, and says nothing to what is not there', () => {
    expect(find('conversation_over')[0]?.text).toContain('conversation_over')
    expect(find('xyzzy')).toEqual([])
  })
})
