/** `npm run demo` with a service on Citus, in development, as people see it first. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../../packages/server/src/config.js'
import { startService } from '../../../packages/server/src/service.js'
import { PATIENT_SETTINGS } from '../../../packages/testing/src/patient-settings.js'
import { execute } from '../command.js'
import type { OwnSchema } from './schema.js'

export async function playDemo(schema: OwnSchema): Promise<{ ok: boolean; output: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tract-citus-'))
  const environment = {
    NODE_ENV: 'development',
    TRACT_PORT: '0',
    ...PATIENT_SETTINGS,
    TRACT_DATA_DIR: dataDir,
    TRACT_LOG_LEVEL: 'warn',
    DATABASE_URL: schema.url,
    TRACT_SLICES: String(schema.slices),
  }
  const service = await startService(readConfig(environment), { notice: () => {} })
  try {
    return await execute({ run: ['node', 'packages/server/demo/run.mjs'], env: { TRACT_DATA_DIR: dataDir } })
  } finally {
    await service.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}
