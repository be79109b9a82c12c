/** The whole service, with a database that has every user at once. */
import { answer } from '../answer.mjs'
import { built, ofServer } from '../of-server.mjs'
import { users } from './operation.mjs'

const { readConfig } = await built('config')
const { startService } = await built('service')
const { Pool } = ofServer('pg')

const query = Pool.prototype.query
Pool.prototype.query = function (statement, ...rest) {
  return statement?.name === 'user_read' ? users.query() : query.call(this, statement, ...rest)
}

answer({
  start: async ({ environment }) => {
    const { app } = await startService(readConfig(environment), { notice: () => {} })
    return app.server.address().port
  },
})
