import type { Answer } from '@tract/testing/call'
import { type Recipe, success } from './recipe.js'

export const changeRecipes: Recipe[] = [
  success('streamChanges', 'an operator listens', async ({ service, admin, organisation }): Promise<Answer> => {
    const leaving = new AbortController()
    const response = await fetch(`${service.url}/platform/stream/?organisation_id=${organisation}`, {
      headers: { authorization: `Bearer ${admin.token}` },
      signal: leaving.signal,
    })
    const { value } = (await response.body?.getReader().read()) ?? {}
    leaving.abort()
    return {
      status: response.status,
      headers: response.headers,
      text: Buffer.from(value ?? []).toString(),
      body: undefined,
    }
  }),
]
