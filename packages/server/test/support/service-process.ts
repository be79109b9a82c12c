/** The whole service in a process of its own, to be killed; `TRACT_TEST_DELIVERY` has its settings as JSON. Says `ready` when it works. */
import { readConfig } from '../../src/config.js'
import { startService } from '../../src/service.js'

const delivery = JSON.parse(process.env.TRACT_TEST_DELIVERY ?? '{}')
await startService(readConfig(process.env), { notice: () => {}, delivery })
console.log('ready')
process.on('disconnect', () => process.exit(1))
