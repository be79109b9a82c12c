import { describe, expect, test } from '@jest/globals'
import { help, readConfig } from '../../src/config.js'
import { checkSettings } from '../../src/start/settings.js'

describe('the settings of operations', () => {
  test('serve nothing and trace nothing unless they are given', () => {
    expect(readConfig({})).toMatchObject({ operationsPort: null, operationsHost: '127.0.0.1', otlpEndpoint: null })
  })

  test('are read', () => {
    const environment = {
      TRACT_OPERATIONS_PORT: '0',
      TRACT_OPERATIONS_HOST: '0.0.0.0',
      TRACT_OTLP_ENDPOINT: 'https://collector.example.com/',
      TRACT_TRACE_SAMPLE: '0.25',
    }
    expect(readConfig(environment)).toMatchObject({
      operationsPort: 0,
      operationsHost: '0.0.0.0',
      otlpEndpoint: 'https://collector.example.com',
      traceSample: 0.25,
    })
  })

  test.each([
    ['TRACT_OPERATIONS_PORT', 'many', 'must be an integer from 0 to 65535'],
    ['TRACT_OPERATIONS_PORT', '70000', 'must be an integer from 0 to 65535'],
    ['TRACT_OTLP_ENDPOINT', 'collector:4318', 'must be a URL that starts with http:// or https://'],
    ['TRACT_TRACE_SAMPLE', '2', 'must be a number from 0 to 1'],
    ['TRACT_TRACE_SAMPLE', '1e-1', 'must be a number from 0 to 1'],
  ])('%s refuses %s', (name, value, reason) => {
    expect(() => readConfig({ [name]: value })).toThrow(`${name} ${reason}, not '${value}'`)
    expect(help()).toContain(name)
  })
})

describe('the settings of calls that go out', () => {
  const checked = (environment: NodeJS.ProcessEnv) => checkSettings(readConfig(environment))

  test('are none unless they are given', () => {
    expect(checked({}).way).toEqual({ ca: [], proxy: null })
    for (const name of ['TRACT_CA_FILE', 'HTTPS_PROXY', 'NO_PROXY']) expect(help()).toContain(name)
  })

  test.each([
    { HTTPS_PROXY: 'http://proxy.example:3128', NO_PROXY: 'desk.example' },
    { https_proxy: 'http://proxy.example:3128', no_proxy: 'desk.example' },
  ])('are read: %j', (environment) => {
    const { proxy } = checked(environment).way
    expect(proxy?.url.host).toBe('proxy.example:3128')
    expect([proxy?.passes('desk.example', 443), proxy?.passes('other.example', 443)]).toEqual([true, false])
  })

  test('a file of authorities that is none ends the start, by name', () => {
    expect(() => checked({ TRACT_CA_FILE: '/nowhere/ca.pem' })).toThrow(
      'TRACT_CA_FILE must be a file of certificates in PEM: /nowhere/ca.pem cannot be read (ENOENT)',
    )
  })

  test('a proxy that is none ends the start, and its password is not shown', () => {
    const refused = () => checked({ HTTPS_PROXY: 'socks5://tract:s3cret@proxy.example' })
    expect(refused).toThrow('HTTPS_PROXY must be the URL of a proxy, such as http://proxy.example:3128')
    expect(refused).not.toThrow('s3cret')
  })

  test('what passes no proxy and is no range ends the start, by name', () => {
    const environment = { HTTPS_PROXY: 'http://proxy.example:3128', NO_PROXY: '10.0.0.0/88' }
    expect(() => checked(environment)).toThrow(
      "NO_PROXY must be names, addresses and ranges such as 10.0.0.0/8, and '10.0.0.0/88' is none",
    )
  })
})

describe('how long history is kept', () => {
  test('is 90 days unless it is given, and a day at least', () => {
    expect(readConfig({}).retentionDays).toBe(90)
    expect(readConfig({ TRACT_RETENTION_DAYS: '365' }).retentionDays).toBe(365)
    expect(help()).toContain('TRACT_RETENTION_DAYS')
    for (const wrong of ['0', '-1', '1.5', 'forever'])
      expect(() => readConfig({ TRACT_RETENTION_DAYS: wrong })).toThrow(
        `TRACT_RETENTION_DAYS must be an integer from 1 to 36500, not '${wrong}'`,
      )
  })
})
