import { randomBytes } from 'node:crypto'

export const SECRET = randomBytes(32)
export const DELIVERY = {
  id: '01920c6e-7b11-7d00-8a44-5f6071829304',
  body: '{"text":"héllo \\u0000 👋","n":1.0}',
  attemptNumber: 3,
  place: { sequence: 7, previousId: '01920c6e-7a00-7c3e-9d55-2b8f0c9d4e11' },
}
