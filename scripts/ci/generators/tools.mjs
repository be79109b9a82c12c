/**
 * Programs of others, in versions that are written here, each installed when it is first needed into a folder of this account that later
 * runs find again. What the machine itself has to bring (Java, Go, Python) is looked for, never installed.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { output } from '../command.mjs'

const CACHE = join(homedir(), '.cache', 'tract-tools')
const MAVEN = 'https://repo.maven.apache.org/maven2'

/** How to ask each for its version, and the least that does. */
const MACHINE = {
  java: {
    ask: [
      ['java', '-version'],
      ['javac', '-version'],
    ],
    least: 'Java 17 with its compiler',
    major: 17,
  },
  go: { ask: [['go', 'version']], least: 'Go', major: 1 },
  python: {
    ask: [['python3', '-c', 'import ensurepip, sys; print(sys.version)']],
    least: 'Python 3.11 with venv',
    major: 3,
  },
}
const OLDEST_PYTHON = 11

/** @param {keyof typeof MACHINE} part @returns {Promise<string | undefined>} why it cannot be used */
export async function missing(part) {
  const { ask, least, major } = MACHINE[part]
  try {
    for (const [program, ...args] of ask) {
      const said = await output('sh', ['-c', '"$0" "$@" 2>&1', program, ...args])
      const [found, minor] = said
        .match(/\d+(\.\d+)*/)[0]
        .split('.')
        .map(Number)
      if (found < major || (part === 'python' && minor < OLDEST_PYTHON))
        return `needs ${least}, this is ${said.split('\n')[0]}`
    }
    return undefined
  } catch {
    return `needs ${least}`
  }
}

/** A folder made once: what ends half-way leaves none behind. @returns {Promise<string>} */
async function once(name, make) {
  const folder = join(CACHE, name)
  if (existsSync(join(folder, '.complete'))) return folder
  await mkdir(folder, { recursive: true })
  await make(folder)
  await writeFile(join(folder, '.complete'), '')
  return folder
}

/** @param {readonly string[]} packages `name@version` @returns {Promise<string>} a folder with a `node_modules` that has them */
export function npmPackages(packages) {
  return once(`npm-${key(packages)}`, async (folder) => {
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    await output('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], { cwd: folder })
  })
}

/** @param {readonly string[]} packages `name==version` @returns {Promise<string>} the `bin` of an environment that has them */
export async function pythonPackages(packages) {
  const folder = await once(`python-${key(packages)}`, async (made) => {
    await output('python3', ['-m', 'venv', made])
    await output(join(made, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...packages])
  })
  return join(folder, 'bin')
}

/** @param {string} program `module@version` @returns {Promise<string>} where it is */
export async function goProgram(program) {
  const folder = await once(`go-${key([program])}`, (made) =>
    output('go', ['install', program], { env: { ...goEnvironment, GOBIN: made } }),
  )
  return join(folder, program.slice(program.lastIndexOf('/') + 1).replace(/@.*/, ''))
}

/** Modules may be added as they are needed; another Go than the machine's is not fetched. */
export const goEnvironment = { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' }

/** @param {Readonly<Record<string, string>>} jars `group:artifact:version`, with the SHA-256 of each @returns {Promise<string>} a folder */
export function javaArchives(jars) {
  return once(`java-${key(Object.keys(jars))}`, async (folder) => {
    for (const [name, sha256] of Object.entries(jars)) {
      const [group, artifact, version] = name.split(':')
      const file = `${artifact}-${version}.jar`
      const answer = await fetch(`${MAVEN}/${group.replaceAll('.', '/')}/${artifact}/${version}/${file}`)
      if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}`)
      const bytes = Buffer.from(await answer.arrayBuffer())
      const found = createHash('sha256').update(bytes).digest('hex')
      if (found !== sha256) throw new Error(`${answer.url} has the SHA-256 ${found}, not ${sha256}`)
      await writeFile(join(folder, `${file}.part`), bytes)
      await rename(join(folder, `${file}.part`), join(folder, file))
    }
  })
}

/** Other versions are another folder. */
function key(names) {
  return createHash('sha256')
    .update([process.version.split('.')[0], ...names].join(' '))
    .digest('hex')
    .slice(0, 16)
}
