import { expect, test } from '@jest/globals'
import { linksOf, parseLinks, withLink, withoutLink } from '../../src/saved-links/saved-links.js'

const failed = { name: 'Failed', address: '/console/acme/deliveries?listener=desk&state=undeliverable' }
const mine = { name: 'Mine', address: '/console/acme/threads?controller=desk' }

test('a link belongs to its list, under one name', () => {
  const other = { name: 'Failed', address: '/console/acme/deliveries?listener=iva&state=undeliverable' }
  const all = withLink(withLink(withLink([], failed), mine), other)
  expect(all).toEqual([mine, other])
  expect(linksOf(all, '/console/acme/deliveries')).toEqual([other])
  expect(linksOf(all, '/console/other/deliveries')).toEqual([])
  expect(withoutLink(all, other)).toEqual([mine])
})

test('a hundred are kept, and the oldest goes first', () => {
  let all = [failed]
  for (let made = 0; made < 100; made++) all = withLink(all, { ...mine, name: `No. ${made}` })
  expect(all).toHaveLength(100)
  expect(all[0]?.name).toBe('No. 0')
})

test('what is no link of the console is left out of what the browser kept', () => {
  const foreign = [null, 7, { name: 'Away', address: 'https://example.com/' }, { name: 'Run', address: 'javascript:1' }]
  expect(parseLinks(JSON.stringify([...foreign, mine]))).toEqual([mine])
  for (const kept of [null, '', '{', '{}', '"x"']) expect(parseLinks(kept)).toEqual([])
})
