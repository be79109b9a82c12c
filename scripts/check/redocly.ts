/** Redocly's command line, under the contract's settings, quiet about itself and silent towards its maker. */
import { join } from 'node:path'
import { execute, ROOT } from './command.js'

const SETTINGS = join(ROOT, 'openapi', 'redocly.yaml')

export async function redocly(
  command: 'lint' | 'diff',
  args: string[],
  settings = SETTINGS,
): Promise<{ ok: boolean; output: string }> {
  const { ok, output } = await execute({
    run: ['redocly', command, ...args, '--config', settings, '--lint-config', 'error'],
    env: { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_NOTIFICATIONS: 'true' },
  })
  return { ok, output: withoutBanner(output) }
}

/** On Node 20 every call begins with a framed notice that Node 20 support is ending. */
function withoutBanner(output: string): string {
  const lines = output.split('\n').filter((line) => !/^\s*[╔║╚]/.test(line))
  return lines.join('\n').trim()
}
