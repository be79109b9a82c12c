import type { FastifyInstance } from 'fastify'
import type { Readiness } from './readiness.js'

/** `/healthz`: the process answers. `/readyz`: it can do its work. For the machine that runs it, not part of the contract. */
export function health(app: FastifyInstance, readiness: Readiness): void {
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const reason = await readiness.whyNot()
    return reason === null ? { status: 'ok' } : reply.code(503).send({ status: 'unavailable', reason })
  })
}
