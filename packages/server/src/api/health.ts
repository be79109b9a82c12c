import type { FastifyInstance } from 'fastify'

export interface Health {
  /** Null if the work can be done. */
  whyNot(): Promise<string | null>
  /** Null if it answers; what is asked here does. */
  whyDead?(): Promise<string | null>
}

/** `/healthz`: the service answers. `/readyz`: it can do its work. For the machine that runs it, not part of the contract. */
export function health(app: FastifyInstance, { whyNot, whyDead = async () => null }: Health): void {
  const checks = { '/healthz': whyDead, '/readyz': whyNot }
  for (const [path, check] of Object.entries(checks))
    app.get(path, async (_request, reply) => {
      const reason = await check()
      return reason === null ? { status: 'ok' } : reply.code(503).send({ status: 'unavailable', reason })
    })
}
