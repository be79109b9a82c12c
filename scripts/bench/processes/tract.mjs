/** The whole service, as `npm start` runs it. */
import { answer } from './answer.mjs'
import { bundled } from './of-server.mjs'

const { readConfig } = await bundled('config')
const { startService } = await bundled('service')

let service

answer({
  /**
   * Answers the port.
   * @param {{ environment: NodeJS.ProcessEnv, delivery?: object }} options delivery: settings of the engine
   */
  start: async ({ environment, delivery }) => {
    service = await startService(readConfig(environment), { notice: () => {}, ...(delivery && { delivery }) })
    return service.app.server.address().port
  },
  operationsPort: () => Number(new URL(service.operationsUrl).port),
  stop: () => service.close(),
})
