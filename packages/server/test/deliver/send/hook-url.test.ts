import { describe, expect, test } from '@jest/globals'
import { calledForm } from '../../../src/deliver/send/hook-url.js'

const url = (text: string) => {
  const form = calledForm(text)
  return 'url' in form ? form.url : undefined
}
const refused = (text: string) => {
  const form = calledForm(text)
  return 'refused' in form ? form.refused : `taken as ${form.url}`
}

/** RFC 3986, with what a URL of http has. */
const RFC_3986 =
  /^https?:\/\/([\w.~!$&'()*+,;=%-]+|\[[\da-f:.]+\])(:\d+)?(\/[\w.~!$&'()*+,;=:@%/-]*)(\?[\w.~!$&'()*+,;=:@%/?-]*)?$/

describe('a URL is kept in the form in which it is called:', () => {
  test.each([
    ['https://example.com', 'https://example.com/'],
    ['https://example.com?a=b', 'https://example.com/?a=b'],
    ['HTTPS://EXAMPLE.com/Path', 'https://example.com/Path'],
    ['https://example.com:443/', 'https://example.com/'],
    ['https://example.com:/', 'https://example.com/'],
    ['http://example.com:080/', 'http://example.com/'],
    ['https://example.com:08443/', 'https://example.com:8443/'],
    ['https://example.com./', 'https://example.com./'],
    ['https://example.com/a/./b/../c', 'https://example.com/a/c'],
    ['https://example.com/a/%2e%2E/c', 'https://example.com/c'],
    ['https://example.com/%7euser/%c3%a9', 'https://example.com/%7euser/%c3%a9'],
    ['https://example.com/#part', 'https://example.com/'],
    ['https://example.com/a?b#c?d', 'https://example.com/a?b'],
    ['https://example.com/?', 'https://example.com/'],
    ['https://bücher.example/é?ü=ß', 'https://xn--bcher-kva.example/%C3%A9?%C3%BC=%C3%9F'],
    ['https://example。com/', 'https://example.com/'],
    ['https://%65xample.com/', 'https://example.com/'],
    ['https://example.com/\u202egnp.exe', 'https://example.com/%E2%80%AEgnp.exe'],
    ["https://example.com/?q='a'&b[]=1", 'https://example.com/?q=%27a%27&b%5B%5D=1'],
    ['https://0x7f.1/', 'https://127.0.0.1/'],
    ['https://2130706433/', 'https://127.0.0.1/'],
    ['https://[2001:DB8:0:0:0:0:0:1]:8443/', 'https://[2001:db8::1]:8443/'],
    ['https://my_host.example.com:65535/', 'https://my_host.example.com:65535/'],
    ['https://example.com//a//b', 'https://example.com//a//b'],
  ])('%s', (text, form) => {
    expect(url(text)).toBe(form)
    expect(form).toMatch(RFC_3986)
    expect(url(form)).toBe(form)
  })
})

describe('is refused:', () => {
  const controls = [...Array(0x21).keys(), ...Array.from({ length: 0x21 }, (_, n) => 0x7f + n)]
  test.each([...controls.map((code) => String.fromCharCode(code)), ...'"<>\\^`{|}'])(
    'the character %j, wherever it is',
    (bad) => {
      for (const text of [
        `${bad}https://example.com/`,
        `https://exa${bad}mple.com/`,
        `https://example.com/a${bad}b`,
        `https://example.com/?a${bad}`,
        `https://example.com/${bad}`,
        `https://example.com/#${bad}`,
      ])
        expect(refused(text)).toMatch(/^no URL has the character .*U\+/)
    },
  )

  test.each([
    ['https:///etc', /not a valid/],
    ['https://', /not a valid/],
    ['https://?a', /not a valid/],
    ['https://#a', /not a valid/],
    ['https://:443/', /not a valid/],
    ['https:example.com', /begin with https/],
    ['https:/example.com', /begin with https/],
    ['//example.com/', /begin with https/],
    ['example.com', /begin with https/],
    ['ftp://example.com/', /begin with https/],
    ['https://example.com:0/', /port 0/],
    ['https://example.com:00000/', /port 0/],
    ['https://example.com:65536/', /not a valid/],
    ['https://example.com:-1/', /not a valid/],
    ['https://example.com:8a/', /not a valid/],
    ['https://@example.com/', /user name/],
    ['https://:@example.com/', /user name/],
    ['https://a:b@example.com/', /user name/],
    ['https://example.com@evil.example/', /user name/],
    ['https://example.com/%', /hexadecimal/],
    ['https://example.com/%zz', /hexadecimal/],
    ['https://example.com/?a=%f', /hexadecimal/],
    ['https://exam%20ple.com/', /not a valid/],
    ['https://example.com%2fevil/', /not a valid/],
    ['https://[::1/', /not a valid/],
    ['https://[fe80::1%25eth0]/', /not a valid/],
    ['https://300.1.2.3/', /not a valid/],
    ['https://../', /name of a host|not a valid/],
    ['https://a..b/', /name of a host|not a valid/],
    ['https://.example.com/', /name of a host|not a valid/],
    [`https://${'a'.repeat(64)}.com/`, /name of a host|not a valid/],
    [`https://${'a.'.repeat(127)}com/`, /name of a host|not a valid/],
    [`https://example.com/${'é'.repeat(400)}`, /longer than 2048/],
  ])('%s', (text, reason) => {
    expect(refused(text)).toMatch(reason)
  })
})
