/** The server as it was built, and the packages that it uses: its limits use the same ones. */
import { createRequire } from 'node:module'

const SERVER = new URL('../../../packages/server/', import.meta.url)

/** A package of the server's. */
export const ofServer = createRequire(new URL('package.json', SERVER))

/** A module of the server's, by its path in `src`. */
export const built = (path) => import(new URL(`dist/${path}.js`, SERVER))

/** What `npm start` runs. */
export const bundled = (name) => import(new URL(`bundle/${name}.js`, SERVER))
