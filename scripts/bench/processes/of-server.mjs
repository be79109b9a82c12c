/** The server as it was built, and the packages that it uses: its limits use the same ones. */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** See turns.ts. */
const { BENCH_SUBJECT } = process.env
const ROOT = BENCH_SUBJECT ? pathToFileURL(`${BENCH_SUBJECT}/`) : new URL('../../../', import.meta.url)
export const SERVER = new URL('packages/server/', ROOT)

/** A package of the server's. */
export const ofServer = createRequire(new URL('package.json', SERVER))

/** A module of the server's, by its path in `src`. */
export const built = (path) => import(new URL(`dist/${path}.js`, SERVER))

/** What `npm start` runs. */
export const bundled = (name) => import(new URL(`bundle/${name}.js`, SERVER))
