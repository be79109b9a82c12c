import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StartError } from './start-error.js'

/**
 * PostgreSQL does not run as root: its account has to pass through to its folder, which no other user may enter.
 * @throws {StartError}
 */
export async function makeDataDir(dataDir: string): Promise<void> {
  try {
    await makeFolder(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700)
  } catch (error) {
    throw unusable(error as NodeJS.ErrnoException, dataDir)
  }
}

/** With the folders above it. Node's own `recursive` never ends below a folder such as /proc, which cannot have any. */
async function makeFolder(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { mode })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return
    if (code !== 'ENOENT' || (await exists(dirname(folder)))) throw error
    await makeFolder(dirname(folder), mode)
    await makeFolder(folder, mode)
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const WHY: Record<string, string> = {
  ENOENT: 'nothing can be made there',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it is read-only',
  ENOSPC: 'there is no room left',
  EDQUOT: 'there is no room left',
  EEXIST: 'a file has this name',
  ENOTDIR: 'a part of the path is a file',
  ENAMETOOLONG: 'the path is too long',
}

/** What failed on a file of the data dir, in words that name the setting; any other error as it is. */
export function ofDataDir(error: unknown, dataDir: string): unknown {
  const { code, path, syscall } = error as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined || !path?.startsWith(dataDir)) return error
  return unusable(error as NodeJS.ErrnoException, path)
}

function unusable(error: NodeJS.ErrnoException, path: string): StartError {
  const { code = '', message } = error
  const said = `TRACT_DATA_DIR: ${path} cannot be used, since ${WHY[code] ?? message} (${code}).`
  return new StartError(`${said} Name a folder that this user may write to.`, { cause: error })
}
