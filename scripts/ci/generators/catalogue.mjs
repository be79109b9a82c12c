/**
 * The generators, with the options that docs/generators.md names: how each makes a client of the
 * vendor document, how the whole client is compiled, and how a program on it is started.
 */
import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { output, ROOT } from '../command.mjs'
import { goEnvironment, goProgram, javaArchives, npmPackages, pythonPackages } from './tools.mjs'

/**
 * @typedef {object} Generator
 * @property {string} name
 * @property {('java' | 'go' | 'python')[]} needs of the machine
 * @property {(folder: string, document: string) => Promise<void>} make generates and compiles in a
 * new folder
 * @property {(folder: string, env: NodeJS.ProcessEnv) => Promise<string>} run starts the program
 */

const PROGRAMS = fileURLToPath(new URL('programs/', import.meta.url))

const OPENAPI_GENERATOR = {
  'org.openapitools:openapi-generator-cli:7.25.0': '41ce4f6b07f196676439d710759fa1ced7a08066d06ff1bf314681470289efae',
}
/** What the client for Java names in its pom.xml. */
const OF_JAVA_CLIENT = {
  'com.fasterxml.jackson.core:jackson-annotations:2.21':
    '53ca085f4a150f703f49e1aabd935bd03b43e1ea3d55d135438292af22cef56b',
  'com.fasterxml.jackson.core:jackson-core:2.21.5': 'b64b5874162b503a0e58a8f7758266e8dd9f91bf49e3a59ae0b5f47589a231b7',
  'com.fasterxml.jackson.core:jackson-databind:2.21.5':
    '507418c0fafd38b2b2cfb704521630da613a8e4cc8381195a6f418017883e2c0',
  'com.fasterxml.jackson.datatype:jackson-datatype-jsr310:2.21.5':
    'e941f9718d16a649614cb06711de06da34722afff9cee0b7725fc5318638304c',
  'org.openapitools:jackson-databind-nullable:0.2.11':
    '07417c949d66a67eb8bc1e919f3f1f13a741badf8b4fcbd39ac16a509d38d34c',
  'com.google.code.findbugs:jsr305:3.0.2': '766ad2a0783f2687962c8ad74ceecc38a28b9f72a2d085ee438b7813e928d0c7',
  'jakarta.annotation:jakarta.annotation-api:1.3.5': '85fb03fc054cdf4efca8efd9b6712bbb418e1ab98241c4539c8585bbc23e1b8a',
  'org.apache.httpcomponents:httpmime:4.5.14': 'd401243d5c6eae928a37121b6e819158c8c32ea0584793e7285bb489ab2a3d17',
  'org.apache.httpcomponents:httpclient:4.5.14': 'c8bc7e1c51a6d4ce72f40d2ebbabf1c4b68bfe76e732104b04381b493478e9d6',
  'org.apache.httpcomponents:httpcore:4.4.16': '6c9b3dd142a09dc468e23ad39aad6f75a0f2b85125104469f026e52a474e464f',
  'commons-logging:commons-logging:1.2': 'daddea1ea0be0f56978ab3006b8ac92834afeefbd9b7e4e6316fca57df0fa636',
}
const ORVAL = ['orval@8.38.0']
const AXIOS = ['axios@1.21.1']
const OPENAPI_PYTHON_CLIENT = ['openapi-python-client==0.29.1']
const OF_PYTHON_CLIENT = [
  'pydantic==2.14.4',
  'urllib3==2.8.0',
  'python-dateutil==2.9.0.post0',
  'typing-extensions==4.16.0',
]
const OAPI_CODEGEN = 'github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2'
const OGEN = 'github.com/ogen-go/ogen/cmd/ogen@v1.25.0'
const OF_OGEN_CLIENT = 'github.com/ogen-go/ogen@v1.25.0'
const OF_OAPI_CLIENT = 'github.com/oapi-codegen/runtime@v1.9.0'

async function openapiGenerator(language, folder, document, ...options) {
  const jar = join(await javaArchives(OPENAPI_GENERATOR), 'openapi-generator-cli-7.25.0.jar')
  const generate = ['generate', '-g', language, '-i', document, '-o', join(folder, 'client')]
  // The second compiler takes longer to start, and does not pay in some seconds.
  await output('java', ['-XX:TieredStopAtLevel=1', '-jar', jar, ...generate, ...options])
}

/** Compiles with the repository's compiler, in strict mode. */
async function typescript(folder, program) {
  await copyFile(join(PROGRAMS, program), join(folder, 'program.ts'))
  const compilerOptions = {
    strict: true,
    target: 'ES2022',
    module: 'NodeNext',
    lib: ['ES2022', 'DOM', 'DOM.Iterable'],
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules', '@types')],
    skipLibCheck: true,
    rootDir: '.',
    outDir: 'out',
  }
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['**/*.ts'] }))
  await output('node', [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', folder])
}

const runOnNode = (folder, env) => output('node', [join(folder, 'out', 'program.js')], { env })

const runBinary = (folder, env) => output(join(folder, 'desk'), [], { env })

/** Compiles every module and imports each one. */
async function python(packages, folder, package_) {
  const program = join(await pythonPackages(packages), 'python')
  await output(program, ['-m', 'compileall', '-q', package_], { cwd: folder })
  const importAll = `import importlib, pkgutil, ${package_} as top
for module in pkgutil.walk_packages(top.__path__, "${package_}."): importlib.import_module(module.name)`
  await output(program, ['-c', importAll], { cwd: folder })
}

const runOnPython = (packages, program) => async (folder, env) =>
  output(join(await pythonPackages(packages), 'python'), [join(PROGRAMS, program)], {
    env: { ...env, PYTHONPATH: join(folder, 'client') },
  })

/** @type {Generator[]} */
export const GENERATORS = [
  {
    name: 'hey-api',
    needs: [],
    async make(folder, document) {
      const bin = join(ROOT, 'node_modules', '@hey-api', 'openapi-ts', 'bin', 'run.js')
      const options = ['-i', document, '-o', join(folder, 'client'), '-c', '@hey-api/client-fetch']
      await output('node', [bin, ...options], { cwd: folder })
      await typescript(folder, 'hey-api.ts')
    },
    run: runOnNode,
  },
  {
    name: 'orval',
    needs: [],
    async make(folder, document) {
      const bin = join(await npmPackages(ORVAL), 'node_modules', 'orval', 'dist', 'bin', 'orval.mjs')
      const options = ['--input', document, '--output', join(folder, 'client.ts'), '--client', 'fetch']
      await output('node', [bin, ...options], { cwd: folder })
      await typescript(folder, 'orval.ts')
    },
    run: runOnNode,
  },
  {
    name: 'openapi-generator typescript-axios',
    needs: ['java'],
    async make(folder, document) {
      await openapiGenerator('typescript-axios', folder, document, '--additional-properties', 'importFileExtension=.js')
      const modules = await npmPackages(AXIOS)
      await cp(join(modules, 'node_modules'), join(folder, 'node_modules'), { recursive: true })
      await typescript(folder, 'typescript-axios.ts')
    },
    run: runOnNode,
  },
  {
    name: 'openapi-generator python',
    needs: ['java', 'python'],
    async make(folder, document) {
      const operations = 'apis=Authentication:Hooks:Users:Messages:Events:Thread_control:Deliveries'
      await openapiGenerator('python', folder, document, '--global-property', `models,supportingFiles,${operations}`)
      await python(OF_PYTHON_CLIENT, join(folder, 'client'), 'openapi_client')
    },
    run: runOnPython(OF_PYTHON_CLIENT, 'openapi_generator.py'),
  },
  {
    name: 'openapi-generator go',
    needs: ['java', 'go'],
    async make(folder, document) {
      await openapiGenerator('go', folder, document)
      const at = { cwd: join(folder, 'client'), env: goEnvironment }
      await cp(join(PROGRAMS, 'openapi-generator-go'), join(at.cwd, 'cmd', 'desk'), { recursive: true })
      await output('go', ['build', '-o', join(folder, 'desk'), './cmd/desk'], at)
      await output('go', ['build', '.'], at)
    },
    run: runBinary,
  },
  {
    name: 'openapi-generator java',
    needs: ['java'],
    async make(folder, document) {
      await openapiGenerator('java', folder, document, '--library', 'native')
      const sources = join(folder, 'client', 'src', 'main', 'java')
      const files = (await readdir(sources, { recursive: true })).filter((name) => name.endsWith('.java'))
      const list = [...files.map((name) => join(sources, name)), join(PROGRAMS, 'Program.java')]
      await writeFile(join(folder, 'files'), list.map((name) => `"${name}"`).join('\n'))
      const path = ['-cp', join(await javaArchives(OF_JAVA_CLIENT), '*'), '-d', join(folder, 'out')]
      const options = ['-J-XX:TieredStopAtLevel=1', '-nowarn', '-proc:none', ...path]
      await output('javac', [...options, `@${join(folder, 'files')}`])
    },
    async run(folder, env) {
      const path = [join(folder, 'out'), join(await javaArchives(OF_JAVA_CLIENT), '*')].join(delimiter)
      return output('java', ['-cp', path, 'Program'], { env })
    },
  },
  {
    name: 'openapi-python-client',
    needs: ['python'],
    async make(folder, document) {
      const bin = await pythonPackages(OPENAPI_PYTHON_CLIENT)
      const [config, client] = [join(folder, 'config.yaml'), join(folder, 'client')]
      await writeFile(config, 'post_hooks: []\ncontent_type_overrides: { "*/*": application/octet-stream }\n')
      const options = ['--fail-on-warning', '--path', document, '--config', config, '--output-path', client]
      await output(join(bin, 'openapi-python-client'), ['generate', ...options])
      await python(OPENAPI_PYTHON_CLIENT, client, 'tract_client')
    },
    run: runOnPython(OPENAPI_PYTHON_CLIENT, 'openapi_python_client.py'),
  },
  {
    name: 'oapi-codegen',
    needs: ['go'],
    async make(folder, document) {
      await cp(join(PROGRAMS, 'oapi-codegen'), folder, { recursive: true })
      await cp(document, join(folder, 'vendor.json'))
      const config = {
        package: 'tract',
        generate: { models: true, client: true },
        'output-options': { 'skip-prune': true },
        output: 'tract/tract.go',
      }
      await writeFile(join(folder, 'config.json'), JSON.stringify(config))
      await mkdir(join(folder, 'tract'))
      const at = { cwd: folder, env: goEnvironment }
      await output(await goProgram(OAPI_CODEGEN), ['-config', 'config.json', 'vendor.json'], at)
      await output('go', ['mod', 'init', 'example.com/desk'], at)
      await output('go', ['get', OF_OAPI_CLIENT], at)
      await output('go', ['build', '-o', 'desk', '.'], at)
    },
    run: runBinary,
  },
  {
    name: 'ogen',
    needs: ['go'],
    async make(folder, document) {
      await cp(join(PROGRAMS, 'ogen'), folder, { recursive: true })
      const text = await readFile(document, 'utf8')
      const older = text
        .replaceAll(/"exclusiveMinimum": *(\d+)/g, '"minimum": $1, "exclusiveMinimum": true')
        .replaceAll(/"uniqueItems": *true/g, '"uniqueItems": false')
      await writeFile(join(folder, 'vendor.json'), older)
      const generator = { ignore_not_implemented: ['discriminator inference'] }
      await writeFile(join(folder, 'ogen.yml'), JSON.stringify({ generator }))
      const at = { cwd: folder, env: goEnvironment }
      const options = ['--config', 'ogen.yml', '--target', 'tract', '--package', 'tract']
      await output(await goProgram(OGEN), [...options, 'vendor.json'], at)
      await output('go', ['mod', 'init', 'example.com/desk'], at)
      await output('go', ['get', OF_OGEN_CLIENT], at)
      await output('go', ['build', '-o', 'desk', '.'], at)
    },
    run: runBinary,
  },
]
