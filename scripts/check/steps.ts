/**
 * What `npm test` runs before the tests, each a command of its own that also runs by hand: one group after the other, the
 * steps of a group side by side.
 */
import type { Command } from './command.js'

export interface Step extends Command {
  name: string
}

const tsc7 = (project: string) => ['node', 'node_modules/ts7/bin/tsc', '-p', project] as const

export const STEPS: readonly (readonly Step[])[] = [
  [
    { name: 'generated code is current', run: ['tsx', 'scripts/codegen/index.ts', '--check'] },
    { name: 'contract lint', run: ['tsx', 'scripts/check/openapi.ts', 'lint'] },
    { name: 'contract version', run: ['tsx', 'scripts/check/openapi.ts', 'diff'] },
  ],
  [
    {
      name: 'build and types',
      run: ['node', 'scripts/turbo.mjs', '--quiet', 'run', 'build', 'typecheck'],
      env: { TURBO_TELEMETRY_DISABLED: '1' },
    },
  ],
  [
    {
      name: 'types of another generator',
      run: ['tsx', 'scripts/codegen/index.ts', '--only', 'scripts/codegen/test/generated'],
    },
  ],
  [
    { name: 'format and lint', run: ['biome', 'check', '--error-on-warnings', '.'] },
    {
      name: 'layers',
      run: [
        'depcruise',
        '--config',
        '.dependency-cruiser.cjs',
        'packages/server/src',
        'packages/contract/src',
        'packages/embedded-postgres/src',
        'packages/client/src',
        'packages/cli/src',
        'packages/console/src',
        'packages/guide/src',
      ],
    },
    { name: 'types of scripts', run: tsc7('scripts/tsconfig.json') },
    { name: 'types of lint rules', run: tsc7('openapi/lint/tsconfig.json') },
    { name: 'unused code', run: ['knip'] },
  ],
]
