import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsdown'

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string }

// The contract is ours alone, and openapi-fetch has nobody left to keep it: a vendor installs neither.
const BUNDLED = [/^@tract\/contract/, 'openapi-fetch']

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'index.node': 'src/index.node.ts',
    desk: 'src/desk/index.ts',
    node: 'src/node/index.ts',
    platform: 'src/platform/index.ts',
    'platform.node': 'src/platform/index.node.ts',
    webhooks: 'src/webhooks/index.ts',
    'webhooks.fastify': 'src/webhooks/fastify.ts',
    'webhooks.testing': 'src/webhooks/testing.ts',
  },
  format: ['esm', 'cjs'],
  platform: 'neutral',
  target: 'es2022',
  outExtensions: ({ format }) => (format === 'cjs' ? { js: '.cjs', dts: '.d.cts' } : { js: '.js', dts: '.d.ts' }),
  define: { TRACT_CLIENT_VERSION: JSON.stringify(version) },
  deps: { alwaysBundle: BUNDLED, onlyBundle: BUNDLED, neverBundle: [/^node:/] },
  dts: { sourcemap: false },
  sourcemap: true,
  report: false,
  logLevel: 'warn',
})
