import { describe, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { Agent } from 'undici'
import { NOTHING_ALLOWED, parseEgressAllow } from '../../../src/deliver/send/address-rules.js'
import { guardedConnector, type Lookup, vetUrl as vet } from '../../../src/deliver/send/egress-guard.js'
import { LOOPBACK } from '../quick-settings.js'

const guardedAgent = (...guard: Parameters<typeof guardedConnector>) =>
  new Agent({ connect: guardedConnector(...guard) })

/** Why a URL may not be registered; null where it may. */
async function vetUrl(...of: Parameters<typeof vet>): Promise<string | null> {
  const form = await vet(...of)
  return 'refused' in form ? form.refused : null
}

/** Names resolve to what the test says, each time to the next of its answers. */
function resolving(...answers: string[][]): Lookup & { asked: number } {
  const lookup = (_host: string, _options: unknown, done: Parameters<Lookup>[2]) => {
    const addresses = answers[Math.min(lookup.asked++, answers.length - 1)] ?? []
    const error = addresses.length === 0 ? Object.assign(new Error('not found'), { code: 'ENOTFOUND' }) : null
    setImmediate(() =>
      done(
        error,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    )
  }
  lookup.asked = 0
  return lookup
}

const PUBLIC = resolving(['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'])

describe('addresses that are not public are refused, in whatever form', () => {
  test.each([
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['loopback, short', '127.1'],
    ['loopback, one number', '2130706433'],
    ['loopback, hexadecimal', '0x7f000001'],
    ['loopback, octal', '0177.0.0.1'],
    ['loopback, mixed', '0x7f.1'],
    ['loopback, trailing dot', '127.0.0.1.'],
    ['loopback, percent-encoded', '%31%32%37.0.0.1'],
    ['loopback, full-width digits', '１２７.0.0.1'],
    ['loopback, IPv6', '[::1]'],
    ['loopback, IPv6 in full', '[0:0:0:0:0:0:0:1]'],
    ['unspecified', '0.0.0.0'],
    ['unspecified, short', '0'],
    ['this network', '0.1.2.3'],
    ['unspecified, IPv6', '[::]'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['unique local', '[fc00::1]'],
    ['unique local', '[fd12:3456:789a::1]'],
    ['site-local', '[fec0::1]'],
    ['link-local', '169.254.1.1'],
    ['link-local, IPv6', '[fe80::1]'],
    ['metadata, AWS, Google, Azure', '169.254.169.254'],
    ['metadata, AWS over IPv6', '[fd00:ec2::254]'],
    ['metadata, Alibaba', '100.100.100.200'],
    ['metadata, Oracle', '192.0.0.192'],
    ['metadata, Azure', '168.63.129.16'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['carrier-grade NAT', '100.127.255.255'],
    ['multicast', '224.0.0.1'],
    ['multicast', '239.255.255.255'],
    ['multicast, IPv6', '[ff02::1]'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['protocol assignments', '192.0.0.8'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.1'],
    ['documentation, IPv6', '[2001:db8::1]'],
    ['documentation, IPv6', '[3fff::1]'],
    ['benchmarking', '198.18.0.1'],
    ['discard only', '[100::1]'],
    ['Teredo', '[2001:0:1::1]'],
    ['IPv4-mapped loopback', '[::ffff:127.0.0.1]'],
    ['IPv4-mapped loopback, hexadecimal', '[::ffff:7f00:1]'],
    ['IPv4-mapped private', '[::ffff:10.0.0.1]'],
    ['IPv4-mapped public', '[::ffff:93.184.215.14]'],
    ['IPv4-compatible', '[::7f00:1]'],
    ['IPv4-translated', '[::ffff:0:7f00:1]'],
    ['NAT64 of loopback', '[64:ff9b::7f00:1]'],
    ['NAT64, local', '[64:ff9b:1::a00:1]'],
    ['6to4 of private', '[2002:a00:1::1]'],
    ['6to4 relay', '192.88.99.1'],
    ['segment routing', '[5f00::1]'],
    ['not handed out', '[4000::1]'],
    ['not handed out', '[e000::1]'],
  ])('%s: %s', async (_name, host) => {
    const reason = await vetUrl(`https://${host}/hook`, NOTHING_ALLOWED)
    expect(reason).toMatch(/is not a public address: /)
    const agent = guardedAgent(NOTHING_ALLOWED)
    const { origin } = new URL(`https://${host}/`)
    await expect(agent.request({ origin, path: '/', method: 'POST' })).rejects.toMatchObject({
      code: 'ERR_EGRESS_REFUSED',
    })
    await agent.destroy()
  })

  test.each(['127.0.0.1', '10.1.2.3', '169.254.169.254', 'fd00::1', '::ffff:127.0.0.1'])(
    'a name that has %s among its addresses',
    async (address) => {
      const lookup = resolving(['93.184.215.14', address])
      expect(await vetUrl('https://hooks.example.com/', NOTHING_ALLOWED, lookup)).toContain(
        `hooks.example.com (${address})`,
      )
      const agent = guardedAgent(NOTHING_ALLOWED, lookup)
      const request = agent.request({ origin: 'https://hooks.example.com', path: '/', method: 'POST' })
      await expect(request).rejects.toMatchObject({ code: 'ERR_EGRESS_REFUSED' })
      await agent.destroy()
    },
  )

  test('the reason names the rule', async () => {
    expect(await vetUrl('https://169.254.169.254/', NOTHING_ALLOWED)).toBe(
      '169.254.169.254 is not a public address: link-local',
    )
    expect(await vetUrl('https://[::ffff:10.0.0.1]/', NOTHING_ALLOWED)).toMatch(/: IPv4-mapped$/)
    expect(await vetUrl('https://100.64.0.1/', NOTHING_ALLOWED)).toMatch(/: carrier-grade NAT$/)
  })
})

describe('the form of a URL', () => {
  test.each([
    ['https://hooks.example.com/tract'],
    ['https://hooks.example.com:443/'],
    ['https://hooks.example.com:1024/'],
    ['https://hooks.example.com:65535/a?b=c'],
    ['https://93.184.215.14/'],
    ['https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:8443/'],
    ['https://bücher.example/'],
  ])('%s may be registered', async (url) => {
    expect(await vetUrl(url, NOTHING_ALLOWED, PUBLIC)).toBeNull()
  })

  test.each([
    ['hooks.example.com/tract', /must begin with https/],
    ['', /must begin with https/],
    ['https://', /valid absolute URL/],
    ['https://300.1.2.3/', /valid absolute URL/],
    ['https://[fe80::1%25eth0]/', /valid absolute URL/],
    ['http://hooks.example.com/', /must begin with https/],
    ['ftp://hooks.example.com/', /must begin with https/],
    ['file:///etc/passwd', /must begin with https/],
    ['javascript:alert(1)', /must begin with https/],
    ['https://user@hooks.example.com/', /user name or password/],
    ['https://user:password@hooks.example.com/', /user name or password/],
    ['https://:password@hooks.example.com/', /user name or password/],
    ['https://hooks.example.com:80/', /port 80 is not allowed/],
    ['https://hooks.example.com:22/', /port 22 is not allowed/],
    ['https://hooks.example.com:1023/', /port 1023 is not allowed/],
    ['https://hooks.example.com:0/', /port 0 is no port/],
  ])('%s may not', async (url, reason) => {
    expect(await vetUrl(url, NOTHING_ALLOWED, PUBLIC)).toMatch(reason)
  })

  test('a name that does not resolve yet may be registered: it is vetted at every connection', async () => {
    expect(await vetUrl('https://soon.example.com/', NOTHING_ALLOWED, resolving([]))).toBeNull()
  })
})

describe('what an operator opened', () => {
  const { http: _, ...rest } = LOOPBACK
  const withoutHttp = { http: false, includes: rest.includes }

  test.each([
    ['http://127.0.0.1:80/', null],
    ['http://[::1]:3000/', null],
    ['https://127.0.0.1:22/', null],
    ['http://10.0.0.1/', '10.0.0.1 is not a public address: private'],
    ['https://10.0.0.1/', '10.0.0.1 is not a public address: private'],
    ['http://93.184.215.14/', 'it must begin with https://'],
    ['http://[::ffff:127.0.0.1]/', '[::ffff:127.0.0.1] is not opened by an IPv4 range'],
  ])('%s', async (url, expected) => {
    const reason = await vetUrl(url, LOOPBACK)
    if (expected?.startsWith('[')) expect(reason).toMatch(/IPv4-mapped/)
    else expect(reason).toBe(expected)
  })

  test('is opened for https only, unless http is named', async () => {
    expect(await vetUrl('http://127.0.0.1/', withoutHttp)).toBe('it must begin with https://')
    expect(await vetUrl('https://127.0.0.1:80/', withoutHttp)).toBeNull()
  })

  test('opens nothing to a name of which one address is elsewhere', async () => {
    const lookup = resolving(['127.0.0.1', '93.184.215.14'])
    expect(await vetUrl('http://hooks.example.com/', LOOPBACK, lookup)).toBe('it must begin with https://')
    const agent = guardedAgent(LOOPBACK, lookup)
    const request = agent.request({ origin: 'http://hooks.example.com', path: '/', method: 'POST' })
    await expect(request).rejects.toMatchObject({ code: 'ERR_EGRESS_REFUSED' })
    await agent.destroy()
  })

  test('is refused over plain http by name too, unless http is named', async () => {
    const lookup = resolving(['127.0.0.1'])
    const agent = guardedAgent(withoutHttp, lookup)
    const request = agent.request({ origin: 'http://hooks.example.com', path: '/', method: 'POST' })
    await expect(request).rejects.toMatchObject({ code: 'ERR_EGRESS_REFUSED' })
    await agent.destroy()
  })
})

test('a name that changes its address between the check and the connection gains nothing', async () => {
  const receiver = await Receiver.start()
  const lookup = resolving(['93.184.215.14'], ['127.0.0.1'])
  expect(await vetUrl(`https://rebind.example.com:${receiver.port}/`, NOTHING_ALLOWED, lookup)).toBeNull()
  const agent = guardedAgent(NOTHING_ALLOWED, lookup)
  const origin = `https://rebind.example.com:${receiver.port}`
  await expect(agent.request({ origin, path: '/', method: 'POST' })).rejects.toMatchObject({
    code: 'ERR_EGRESS_REFUSED',
  })
  expect(lookup.asked).toBe(2)
  expect(receiver.received).toEqual([])
  await agent.destroy()
  await receiver.close()
})

test('a connection resolves the name once, and goes to an address that was vetted', async () => {
  const receiver = await Receiver.start()
  const lookup = resolving(['127.0.0.1'], ['10.0.0.1'])
  const agent = guardedAgent(LOOPBACK, lookup)
  const origin = `http://pinned.example.com:${receiver.port}`
  const { statusCode, body } = await agent.request({ origin, path: '/', method: 'POST' })
  await body.dump()
  expect([statusCode, lookup.asked, receiver.received.length]).toEqual([200, 1, 1])
  await agent.destroy()
  await receiver.close()
})

describe('TRACT_EGRESS_ALLOW', () => {
  test.each([
    ['', '127.0.0.1', false],
    ['127.0.0.0/8', '127.3.2.1', true],
    ['127.0.0.0/8', '128.0.0.1', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    [' 10.0.0.0/8 , ::1/128 ', '::1', true],
    ['fd00::/8', 'fd12::1', true],
    ['0.0.0.0/0', '::1', false],
    ['127.0.0.0/8', '::ffff:127.0.0.1', false],
  ])('%s opens %s: %s', (text, address, opened) => {
    expect(parseEgressAllow(text).includes(address)).toBe(opened)
  })

  test('the word http opens plain http', () => {
    expect(parseEgressAllow('127.0.0.0/8').http).toBe(false)
    expect(parseEgressAllow('http,127.0.0.0/8').http).toBe(true)
  })

  test.each([
    'localhost',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0/8',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    'https',
    'fe80::1%eth0',
  ])('%s is neither a range nor the word', (entry) => {
    expect(() => parseEgressAllow(`127.0.0.0/8,${entry}`)).toThrow(`"${entry}" is neither`)
  })

  test('the word alone opens nothing, and says so', () => {
    expect(() => parseEgressAllow('http')).toThrow(/address ranges beside the word http/)
  })
})
