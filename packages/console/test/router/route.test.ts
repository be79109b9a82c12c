import { expect, test } from '@jest/globals'
import { parseRoute, routeTo } from '../../src/router/route.js'

test.each([['asha'], ['a/b ?#%'], ['../../tract'], ['имя'], ['..'], ['~..']])(
  'a user id of %j comes back from its path',
  (userId) => {
    const path = routeTo('org', 'threads', userId)
    expect(new URL(path, 'http://localhost').pathname).toMatch(/^\/console\/org\/threads\/[^/]+$/)
    expect(parseRoute(path)).toEqual({ organisationId: 'org', view: 'threads', rest: [userId] })
  },
)

test('a path that is no encoding of anything is taken as it is', () => {
  expect(parseRoute('/console/org/threads/%E0%A4%A')).toEqual({
    organisationId: 'org',
    view: 'threads',
    rest: ['%E0%A4%A'],
  })
})

test('the bare address names nothing', () => {
  expect(parseRoute('/console/')).toEqual({ organisationId: undefined, view: undefined, rest: [] })
})
