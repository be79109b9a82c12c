/** The tarball, as a vendor installs it. */
import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type OperationRow, operations } from '@tract/contract'
import { sdkMethods } from '../../../../scripts/codegen/client-names.js'
import { Desk } from '../support/desk.js'
import { CLIENT, Packed, ROOT, run } from '../support/packed.js'

const TYPES = join(CLIENT, 'test', 'types')
const RELEASED = await readdir(join(TYPES, 'released')).catch(() => [])
/** TypeScript as the README has it. */
const EXAMPLES = [...(await readFile(join(CLIENT, 'README.md'), 'utf8')).matchAll(/```ts\n([\s\S]*?)```/g)]
const BIN = join(ROOT, 'node_modules', '.bin')

let packed: Packed

beforeAll(async () => {
  packed = await Packed.install()
})
afterAll(() => packed?.remove())

describe('the tarball', () => {
  test('holds what is meant to be in it', () => {
    const others = packed.files.filter((path) => !/^dist\/[\w.-]+\.(js|cjs|d\.ts|d\.cts)(\.map)?$/.test(path))
    expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'LICENSE-openapi-fetch', 'README.md', 'package.json'])
  })

  test('installs undici and nothing else', async () => {
    const installed = await readdir(join(packed.folder, 'node_modules'))
    expect(installed.filter((name) => !name.startsWith('.')).sort()).toEqual(['@tract', 'undici'])
    expect(await readdir(join(packed.folder, 'node_modules', '@tract'))).toEqual(['client'])
  })

  test('has types that stand by themselves', async () => {
    for (const path of packed.files.filter((file) => /\.d\.c?ts$/.test(file))) {
      const text = await readFile(join(packed.folder, 'node_modules', '@tract', 'client', path), 'utf8')
      const imported = [...text.matchAll(/from ['"]([^'"]+)['"]/g)].map(([, module]) => module)
      expect(imported.filter((module) => !module?.startsWith('./'))).toEqual([])
    }
  })

  test('pleases publint', async () => {
    const script = `import { publint } from 'publint'
      const { messages } = await publint({ pkgDir: '.', strict: true })
      console.log(JSON.stringify(messages))`
    expect(JSON.parse(await run('node', ['--input-type=module', '-e', script], CLIENT))).toEqual([])
  })

  test('pleases attw: every way of resolving finds the types that belong to the code', async () => {
    const script = `import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
      import { readFileSync } from 'node:fs'
      const { problems } = await checkPackage(createPackageFromTarballData(readFileSync(process.argv[1])))
      console.log(JSON.stringify(problems))`
    expect(JSON.parse(await run('node', ['--input-type=module', '-e', script, packed.tarball], CLIENT))).toEqual([])
  })

  test('is as small as it has to be', async () => {
    const sizes = JSON.parse(await run(join(BIN, 'size-limit'), ['--json'], CLIENT))
    expect(sizes).toEqual([
      expect.objectContaining({ name: '@tract/client', passed: true }),
      expect.objectContaining({ name: '@tract/client/webhooks', passed: true }),
    ])
  })
})

describe('a program', () => {
  let desk: Desk
  beforeAll(async () => {
    desk = await Desk.open()
  })
  afterAll(() => desk.close())

  const names = ['@tract/client', '@tract/client/platform', '@tract/client/webhooks']
  const body = `
const tract = new client.Tract(JSON.parse(process.env.TRACT))
tract.hooks.list().then(({ hooks }) => console.log(JSON.stringify([hooks.length, client.version, platform.ConflictError === client.ConflictError && typeof platform.TractPlatform, typeof webhooks.sign])))
`
  const check = async (program: string, args: string[]) => {
    const env = { TRACT: JSON.stringify({ baseUrl: desk.proxy.url, ...desk.credentials('desk') }) }
    const { version } = JSON.parse(await readFile(join(CLIENT, 'package.json'), 'utf8'))
    expect(JSON.parse(await run(program, args, packed.folder, env))).toEqual([1, version, 'function', 'function'])
    return desk.proxy.seen.at(-1)?.headers['user-agent']
  }
  const modules = names.map((name) => `import * as ${name.split('/').at(-1)} from '${name}'`).join('\n')

  test('in ESM calls the service, over undici, and ends', async () => {
    await packed.write('program.mjs', modules + body)
    expect(await check('node', ['program.mjs'])).toMatch(/; node\//)
  })

  test('in CommonJS calls the service, over undici, and ends', async () => {
    const required = names.map((name) => `const ${name.split('/').at(-1)} = require('${name}')`).join('\n')
    await packed.write('program.cjs', required + body)
    expect(await check('node', ['program.cjs'])).toMatch(/; node\//)
  })

  test.each(['browser', 'node'])('bundled by esbuild for %s calls the service', async (platform) => {
    await packed.write('bundled.mjs', modules + body)
    const flags = ['--bundle', '--format=esm', `--platform=${platform}`, '--outfile=out.mjs']
    // undici is CommonJS and asks for Node's own modules.
    const banner = `--banner:js=import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`
    await run(join(BIN, 'esbuild'), ['bundled.mjs', ...flags, ...(platform === 'node' ? [banner] : [])], packed.folder)
    const agent = await check('node', ['out.mjs'])
    expect(agent?.includes('; node/')).toBe(platform === 'node')
    const bundle = await readFile(join(packed.folder, 'out.mjs'), 'utf8')
    expect(bundle.includes('node_modules/undici/')).toBe(platform === 'node')
  })
})

describe('the README', () => {
  test('compiles', async () => {
    expect(EXAMPLES.length).toBeGreaterThan(5)
    for (const [index, [, code]] of EXAMPLES.entries()) {
      await packed.write(join('readme', `example-${index}.ts`), `${code}\nexport {}\n`)
    }
    const typeRoots = [join(ROOT, 'node_modules', '@types')]
    const options = { strict: true, noEmit: true, module: 'nodenext', target: 'ES2022', types: ['node'], typeRoots }
    await packed.write('tsconfig.json', JSON.stringify({ compilerOptions: options, include: ['readme'] }))
    expect(await run('node', [join(ROOT, 'node_modules', 'ts7', 'bin', 'tsc'), '-p', '.'], packed.folder)).toBe('')
  })

  test('names every method', async () => {
    const text = await readFile(join(CLIENT, 'README.md'), 'utf8')
    const names = Object.entries<OperationRow>(operations).flatMap(([id, { aliasOf, audience }]) =>
      aliasOf === undefined && audience.includes('vendor') ? sdkMethods(id).map(({ name }) => name) : [],
    )
    const missing = names.filter((name) => {
      // opened without a client: the SDK has no method of it
      if (name === 'attachments.open') return false
      const [resource, verb] = name.split('.')
      const row = text.split('\n').find((line) => line.startsWith(`| \`tract.${resource}\``))
      return !row?.includes(`\`${verb}\``)
    })
    expect(missing).toEqual([])
  })
})

describe.each([['current', 'current'], ...RELEASED.map((version) => [version, join('released', version)])])(
  'the types of %s hold',
  (_, folder) => {
    beforeAll(() => cp(join(TYPES, folder), join(packed.folder, folder), { recursive: true }))

    const compile = async (options: object) => {
      const compilerOptions = { strict: true, noEmit: true, skipLibCheck: false, types: [], ...options }
      await packed.write('tsconfig.json', JSON.stringify({ compilerOptions, include: [folder] }))
      expect(await run('node', [join(ROOT, 'node_modules', 'ts7', 'bin', 'tsc'), '-p', '.'], packed.folder)).toBe('')
    }
    const dom = { target: 'ES2022', lib: ['ES2022', 'DOM', 'DOM.Iterable'] }

    test('in ESM', () => compile({ ...dom, module: 'nodenext' }))
    test('with a bundler', () => compile({ ...dom, module: 'esnext', moduleResolution: 'bundler' }))
    test('with the types of Node instead of those of the web', () =>
      compile({
        target: 'ES2022',
        lib: ['ES2022'],
        module: 'nodenext',
        types: ['node'],
        typeRoots: [join(ROOT, 'node_modules', '@types')],
      }))
    test('in CommonJS', async () => {
      await packed.write(join(folder, 'package.json'), '{ "type": "commonjs" }')
      await compile({ ...dom, module: 'nodenext' })
    })
  },
)
