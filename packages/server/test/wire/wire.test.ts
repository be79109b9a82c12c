/**
 * The wire does not change by a byte: a fixed conversation gives the answers and the hooks of its recording. `TRACT_RECORD=1` writes the
 * recording of the service as it is now; what a change of the contract does to the wire is then to be read in the commit's diff.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { TestService } from '@tract/testing/service'
import { QUICK } from '../deliver/quick-settings.js'
import { play } from './conversation.js'

const RECORDING = fileURLToPath(new URL('conversation.txt', import.meta.url))

test('a conversation is on the wire as it was recorded', async () => {
  const service = await TestService.start({ delivery: QUICK })
  const played = await play(service).finally(() => service.close())
  if (process.env.TRACT_RECORD) writeFileSync(RECORDING, played)
  expect(played).toBe(readFileSync(RECORDING, 'utf8'))
})
