import { fileURLToPath } from 'node:url'

/** A file or folder that the service reads, named from the folder of its package: sources, what is compiled and the bundle lie one below it. */
export const resource = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))
