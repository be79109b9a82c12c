/** The whole service in a process of its own, to be killed; `TRACT_TEST_DELIVERY` has its settings as JSON. Says `ready` and its URL when it works. */
import { readConfig } from '../../src/config.js'
import { startService } from '../../src/service.js'

const delivery = JSON.parse(process.env.TRACT_TEST_DELIVERY ?? '{}')
const { url } = await startService(readConfig(process.env), { notice: () => {}, delivery })
console.log(`ready ${url}`)
process.on('disconnect', () => process.exit(1))
