/** The package as a vendor gets it: built, packed, and installed from the tarball in a folder of its own. */

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { built } from '@tract/testing/built'

export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
export const CLIENT = join(ROOT, 'packages', 'client')

const start = promisify(execFile)

/** @returns what it printed; a program that fails rejects with it */
export async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  try {
    // The flags of jest's own process are none of its children's.
    const { stdout } = await start(program, args, {
      cwd,
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      maxBuffer: 1e8,
    })
    return stdout
  } catch (error) {
    const { stdout, stderr, message } = error as { stdout?: string; stderr?: string; message: string }
    throw new Error([message, stdout, stderr].filter(Boolean).join('\n'))
  }
}

export class Packed {
  private constructor(
    /** Where it is installed. */
    readonly folder: string,
    readonly tarball: string,
    /** The packed files. */
    readonly files: readonly string[],
  ) {}

  static async install(): Promise<Packed> {
    await built('@tract/client')
    const folder = await mkdtemp(join(tmpdir(), 'tract-client-'))
    const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], CLIENT)
    const [{ filename, files }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }]
    const tarball = join(folder, filename)
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'vendor', private: true, type: 'module' }))
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--ignore-scripts', tarball], folder)
    return new Packed(
      folder,
      tarball,
      files.map(({ path }) => path),
    )
  }

  async write(name: string, contents: string): Promise<string> {
    const path = join(this.folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, contents)
    return path
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true })
  }
}
