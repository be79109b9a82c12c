/**
 * Programs in exact versions, each installed when it is first needed, into a folder of this account
 * that later runs use again. Java, Go and Python are the machine's own, and are never installed.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { output } from '../command.mjs'

const CACHE = join(homedir(), '.cache', 'tract-tools')
const MAVEN = 'https://repo.maven.apache.org/maven2'

/** How to ask each for its version, and the oldest that does. */
const MACHINE = {
  java: { ask: ['java -version', 'javac -version'], least: 'Java 17 with its compiler', oldest: [17, 0] },
  go: { ask: ['go version'], least: 'Go', oldest: [1, 0] },
  python: {
    ask: ['python3 -c "import ensurepip, sys; print(sys.version)"'],
    least: 'Python 3.11 with venv',
    oldest: [3, 11],
  },
}

/** @param {keyof typeof MACHINE} part @returns {Promise<string | undefined>} the reason */
export async function missing(part) {
  const { ask, least, oldest } = MACHINE[part]
  try {
    for (const command of ask) {
      const said = await output('sh', ['-c', `${command} 2>&1`])
      const [, major, minor = 0] = said.match(/(\d+)(?:\.(\d+))?/).map(Number)
      if (major < oldest[0] || (major === oldest[0] && minor < oldest[1]))
        return `needs ${least}, this is ${said.split('\n')[0]}`
    }
    return undefined
  } catch {
    return `needs ${least}`
  }
}

/** A folder that is made once, and again where it was not completed. */
async function once(name, make) {
  const folder = join(CACHE, name)
  if (existsSync(join(folder, '.complete'))) return folder
  await mkdir(folder, { recursive: true })
  await make(folder)
  await writeFile(join(folder, '.complete'), '')
  return folder
}

/** @param {readonly string[]} packages `name@version` @returns a folder with `node_modules` */
export function npmPackages(packages) {
  return once(`npm-${key(packages)}`, async (folder) => {
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    await output('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], { cwd: folder })
  })
}

/** @param {readonly string[]} packages `name==version` @returns the `bin` of an environment */
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

/** Modules may be added as they are needed; no other Go than the machine's is fetched. */
export const goEnvironment = { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' }

/** @param {Record<string, string>} jars SHA-256 by `group:artifact:version` @returns a folder */
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
