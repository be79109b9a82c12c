/** TRACT's own HTTP layer, as production has it. */
import { built } from '../of-server.mjs'
import { serve, users } from './operation.mjs'

const { readConfig } = await built('config')
const { createApp } = await built('http/app')

serve(async (authentication, environment) => {
  const app = await createApp({ config: readConfig(environment), authentication, pool: users })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server.address().port
})
