import Fastify, { type FastifyInstance } from 'fastify'
import type pg from 'pg'
import { EXPOSITION_TYPE } from '../telemetry/exposition.js'
import { health } from './health.js'

export interface OperationsOptions {
  pool: pg.Pool
  /** Is the service not there yet, or about to go? */
  isClosing: () => boolean
  /** The metrics as Prometheus reads them. */
  metrics: () => string
}

/** What is served at the operations port: for those who run the service, without a token and no part of the contract. */
export function createOperationsApp({ pool, isClosing, metrics }: OperationsOptions): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true })
  health(app, pool, isClosing)
  app.get('/metrics', async (_request, reply) => reply.type(EXPOSITION_TYPE).send(metrics()))
  return app
}
