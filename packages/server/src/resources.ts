import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * A file or folder that the service reads, named from the folder of its sources: those, what is compiled and the bundle lie one below it.
 * The package for operators has the same layout.
 */
export const resource = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** In a clone, the scripts of its package.json are there; the package for operators has a program alone. */
export const IN_CLONE = existsSync(resource('package.json'))
const PROGRAM = process.argv[1] ?? 'tract-server'
export const START = IN_CLONE ? 'npm start' : PROGRAM
export const HELP = IN_CLONE ? 'npm start -- --help' : `${PROGRAM} --help`
