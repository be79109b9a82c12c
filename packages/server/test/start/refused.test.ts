import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { freePort } from '@tract/testing/listen'
/** Starts that cannot go on: what they say, which names the setting, and that they have made nothing. */
import { createDatabase, type TestDatabase } from '@tract/testing/postgres'
import { parseBucket } from '../../src/attachments/store-setting.js'
import { help, readConfig, wantsHelp } from '../../src/config.js'
import { connectToStart } from '../../src/database/start-connection.js'
import { Starts } from './started.js'

let starts: Starts
beforeEach(async () => {
  starts = await Starts.create()
})
afterEach(() => starts.close())

async function refusal(environment: NodeJS.ProcessEnv): Promise<string> {
  const started = starts.start(environment)
  expect(await started.ended).toBe(1)
  expect(started.said).toMatch(/TRACT cannot start\.\n/)
  // words, and no stack
  expect(started.said).not.toMatch(/^\s+at /m)
  return started.said.slice(started.said.indexOf('TRACT cannot start.'))
}

describe('an unknown word', () => {
  test.each([
    ['TRACT_PORTT', 'TRACT_PORT'],
    ['TRACT_DATABASE_URL', 'DATABASE_URL'],
    ['TRACT_DATADIR', 'TRACT_DATA_DIR'],
    ['tract_port', 'TRACT_PORT'],
    ['TRACT_RATELIMIT', 'TRACT_RATE_LIMIT'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['database_url', 'DATABASE_URL'],
    ['DATABASE_DIRECTURL', 'DATABASE_DIRECT_URL'],
  ])('%s in the environment is refused: %s was meant', (name, meant) => {
    expect(() => readConfig({ [name]: '1' })).toThrow(`${name} is no setting. Did you mean ${meant}?`)
  })

  test('that is like no setting is refused all the same', () => {
    expect(() => readConfig({ TRACT_COLOUR_OF_THE_SKY: 'blue' })).toThrow(/is no setting\. `npm start -- --help`/)
  })

  test('of others is none of ours', () => {
    const theirs = ['TRACT_URL', 'TRACT_CLIENT_ID', 'TRACT_CONFIG_DIR', 'TRACT_TEST_POSTGRES', 'TRACT_SERVICE_HOST']
    for (const name of [...theirs, 'TRACT_PORT_8080_TCP_ADDR', 'TRACT_SERVICE_PORT_HTTP', 'DATABASE_HOST', 'PORT'])
      expect(() => readConfig({ [name]: 'x' })).not.toThrow()
  })

  test.each([
    ['--hlep', '--hlep is no option. Did you mean --help?'],
    ['-help', '-help is no option. Did you mean --help?'],
    ['--port=8081', '--port=8081 is no option: settings are environment variables. Did you mean TRACT_PORT?'],
    ['--log-levl', '--log-levl is no option: settings are environment variables. Did you mean TRACT_LOG_LEVEL?'],
    ['8081', '8081 is no option.'],
  ])('%s on the command line is refused', (word, said) => {
    expect(() => wantsHelp([word])).toThrow(said)
    expect(() => wantsHelp(['--help', word])).toThrow(said)
  })

  test('for help is the one that there is', () => {
    expect([wantsHelp([]), wantsHelp(['--help']), wantsHelp(['-h'])]).toEqual([false, true, true])
    expect(help()).toContain('TRACT_PORT')
  })
})

test.each(['https://x.example/?a=b', 'https://x.example/#a', 'https://x.example?', 'https://user:pass@x.example'])(
  'the issuer of tokens cannot be %s',
  (TRACT_PUBLIC_URL) => {
    expect(() => readConfig({ TRACT_PUBLIC_URL })).toThrow(/^TRACT_PUBLIC_URL must be a URL without a user, a query/)
  },
)

test.each(['http://files.example', 'S3://', 'gs://files', 's3:/files', 's4://files'])('%s is no folder', (store) => {
  expect(() => parseBucket(store)).toThrow('must be a folder, or s3://')
})

test('what may be secret is not shown where it is wrong', () => {
  expect(() => readConfig({ DATABASE_URL: 'postgre://tract:hunter2@db/tract' })).toThrow(
    /^DATABASE_URL must be a URL that starts with postgres:\/\/ or postgresql:\/\/$/,
  )
})

describe('a process', () => {
  test('says what is wrong with every setting before it makes anything', async () => {
    for (const [environment, said] of [
      [{ TRACT_PORTT: '1', TRACT_TOKEN_TTL: 'x' }, /TRACT_PORTT is no setting.*\nTRACT_TOKEN_TTL must be/],
      [{ TRACT_EGRESS_ALLOW: 'everything' }, /TRACT_EGRESS_ALLOW must be a list of address ranges/],
      [{ TRACT_SECRET_KEY: 'short' }, /TRACT_SECRET_KEY must be 32 bytes in base64/],
      [{ TRACT_HOST: 'nohost.invalid' }, /TRACT_HOST: nohost\.invalid is no address of this machine/],
    ] as const)
      expect(await refusal(environment)).toMatch(said)
    expect(existsSync(starts.dataDir)).toBe(false)
  })

  test('tells of a port that is taken before its database is made', async () => {
    const taken = createServer().listen(starts.port, '127.0.0.1')
    expect(await refusal({})).toContain(
      `TRACT_PORT: the port ${starts.port} of 127.0.0.1 is taken. Stop what listens there, or take another port`,
    )
    const port = `${await freePort()}`
    expect(await refusal({ TRACT_PORT: port, TRACT_OPERATIONS_PORT: `${starts.port}` })).toContain(
      `TRACT_OPERATIONS_PORT: the port ${starts.port} of 127.0.0.1 is taken.`,
    )
    expect(await refusal({ TRACT_PORT: port, TRACT_OPERATIONS_PORT: port })).toContain(
      'TRACT_OPERATIONS_PORT: the port',
    )
    expect(existsSync(starts.dataDir)).toBe(false)
    await new Promise((resolve) => taken.close(resolve))
  })

  test('names TRACT_DATA_DIR where that cannot be written', async () => {
    const file = join(starts.folder, 'file')
    await writeFile(file, '')
    await mkdir(starts.dataDir)
    await writeFile(join(starts.dataDir, 'demo.json'), '{')
    // the last is of the system, where not even root makes a folder
    for (const dataDir of [file, join(file, 'below'), '/proc/tract/data'])
      expect(await refusal({ TRACT_DATA_DIR: dataDir })).toMatch(
        /TRACT_DATA_DIR: \S+ cannot be used, since .+\. Name a/,
      )
  })
})

describe('a DATABASE_URL', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createDatabase()
  })
  afterAll(() => database.drop())

  test('that leads nowhere is named, and why', async () => {
    const url = new URL(database.url)
    url.pathname = '/nothing_of_this_name'
    const silent = createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0)
    const { port } = silent.address() as { port: number }
    for (const [DATABASE_URL, said] of [
      ['postgresql://tract:hunter2@nohost.invalid/tract', /the host of nohost\.invalid:5432 is not known/],
      ['postgresql://tract:hunter2@127.0.0.1:9/tract', /nothing takes connections at 127\.0\.0\.1:9/],
      [url.toString(), /there is no database nothing_of_this_name/],
      [`postgresql://tract:hunter2@127.0.0.1:${port}/tract`, /127\.0\.0\.1:\d+ cannot be used/],
      ['postgresql://tract:hunter2@127.0.0.1/tract?sslmode=verify-full&sslrootcert=/nope', /\/nope/],
    ] as const) {
      const text = await connectToStart(DATABASE_URL, () => {}).catch((error: Error) => error.message)
      expect(text).toMatch(/^DATABASE_URL: /)
      expect(text).toMatch(said)
      expect(text).not.toContain('hunter2')
    }
    expect(await refusal({ DATABASE_URL: 'postgresql://tract:hunter2@127.0.0.1:9/tract' })).toMatch(
      /^TRACT cannot start\.\nDATABASE_URL: nothing takes connections at 127\.0\.0\.1:9/,
    )
    await new Promise((resolve) => silent.close(resolve))
  })

  test.each([
    ['28P01', 'the server refuses the user tract with this password'],
    ['28000', 'refuses the user tract: said by PostgreSQL'],
    ['3D000', 'there is no database billing'],
    ['42501', 'the user tract may not use the database billing'],
    ['53300', 'has no connection left'],
  ])('whose server says %s is named', async (code, said) => {
    const server = createServer((socket) => socket.once('data', () => socket.end(errorResponse(code)))).listen(0)
    const { port } = server.address() as { port: number }
    const connecting = connectToStart(`postgresql://tract:hunter2@127.0.0.1:${port}/billing`, () => {})
    const { name, message } = (await connecting.catch((error: Error) => error)) as Error
    expect([name, message]).toEqual(['DatabaseSettingError', expect.stringMatching(`^DATABASE_URL: .*${said}`)])
    await new Promise((resolve) => server.close(resolve))
  })

  test('that asks for TLS which the server does not offer is named', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.end('N'))).listen(0)
    const { port } = server.address() as { port: number }
    const connecting = connectToStart(`postgresql://tract@127.0.0.1:${port}/billing?sslmode=require`, () => {})
    await expect(connecting).rejects.toThrow(/^DATABASE_URL: .* does not offer TLS, and the address asks for it/)
    await new Promise((resolve) => server.close(resolve))
  })

  test('whose server is starting up is waited for', async () => {
    let asked = 0
    const target = new URL(database.url)
    const socketPath = `${target.searchParams.get('host')}/.s.PGSQL.${target.port || 5432}`
    const server = createServer((socket) => {
      if (++asked <= 2) return void socket.once('data', () => socket.end(errorResponse('57P03')))
      const far = connect(socketPath)
      socket.pipe(far).pipe(socket)
      for (const one of [socket, far]) one.on('error', () => {})
    }).listen(0)
    const { port } = server.address() as { port: number }
    const told: string[] = []
    const url = `postgresql://${target.username}@127.0.0.1:${port}${target.pathname}`
    const { setup } = await connectToStart(url, (text) => told.push(text))
    expect((await setup.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    expect(told).toEqual([`The database at 127.0.0.1:${port} is starting up: waiting for it.`])
    await setup.end()
    await new Promise((resolve) => server.close(resolve))
  })
})

/** What PostgreSQL says instead of letting in. */
function errorResponse(code: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C${code}\0Msaid by PostgreSQL\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}
