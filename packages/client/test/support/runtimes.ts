/** Where the programs are that are not Node: installed by themselves, see packages/client/runtimes. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { CLIENT } from './packed.js'

const MODULES = join(CLIENT, 'runtimes', 'node_modules')

/** Their installers only copy the program of the platform's package: it is run where it lies, so that none has to run. */
function program(scope: string, ...path: string[]): string | undefined {
  const folder = join(MODULES, scope)
  const packages = existsSync(folder) ? readdirSync(folder) : []
  return packages.map((name) => join(folder, name, ...path)).find((file) => existsSync(file))
}

export const runtimes = {
  bun: program('@oven', 'bin', 'bun'),
  deno: program('@deno', 'deno'),
  workerd: program('@cloudflare', 'bin', 'workerd'),
  playwright: [join(MODULES, 'playwright-core', 'index.mjs')].find((file) => existsSync(file)),
  chromium: ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) =>
    existsSync(file),
  ),
}
