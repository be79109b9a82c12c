/** Attempts of the service's own sender, one after another, at one path of a receiver. */
import { randomBytes, randomUUID } from 'node:crypto'
import { answer } from './answer.mjs'
import { bodyOf } from './delivery.mjs'
import { built } from './of-server.mjs'

const { Sender } = await built('deliver/send/sender')
const { parseEgressAllow } = await built('deliver/send/address-rules')

const sender = new Sender({ version: 'bench', egress: parseEgressAllow('127.0.0.0/8,http') })
const secrets = [randomBytes(32)]
const body = bodyOf('u1', 1)

answer({
  /** Returns the microseconds of processor time that each took. */
  run: async ({ url, attempts }) => {
    const before = process.cpuUsage()
    for (let made = 0; made < attempts; made++)
      await sender.send({ url, secrets }, { id: randomUUID(), body, attemptNumber: 1 })
    const { user, system } = process.cpuUsage(before)
    return (user + system) / attempts
  },
})
