import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  actionable,
  buttons,
  carousel,
  carouselItem,
  file,
  image,
  link,
  type Media,
  mediaOf,
  replyButton,
  text,
  video,
} from '../../src/hsl/index.js'

const AT = 'https://example.com'

const cases: [name: string, element: unknown, media: Media | undefined][] = [
  ['an image', image(`${AT}/a.png`), { url: `${AT}/a.png`, kind: 'image', name: 'a.png' }],
  ['an image with a caption', image(`${AT}/x/`, { text: 'Hi' }), { url: `${AT}/x/`, kind: 'image', name: undefined }],
  ['a video', video(`${AT}/v/a.MP4?t=1#x.png`), { url: `${AT}/v/a.MP4?t=1#x.png`, kind: 'video', name: 'a.MP4' }],
  [
    'a file',
    file(`${AT}/my%20bill.pdf?s=1`, 'Bill'),
    { url: `${AT}/my%20bill.pdf?s=1`, kind: 'file', name: 'my bill.pdf' },
  ],
  ['a host alone', image('http://example.com'), { url: 'http://example.com', kind: 'image', name: undefined }],
  [
    'a name that goes up',
    image(`${AT}/..%2f..%5cetc%2fpasswd`),
    { url: `${AT}/..%2f..%5cetc%2fpasswd`, kind: 'image', name: 'passwd' },
  ],
  ['a name of dots', image(`${AT}/%2e%2e`), { url: `${AT}/%2e%2e`, kind: 'image', name: undefined }],
  [
    'a name that turns',
    file(`${AT}/a%E2%80%AEfdp.exe%00`, ''),
    { url: `${AT}/a%E2%80%AEfdp.exe%00`, kind: 'file', name: 'afdp.exe' },
  ],
  ['a name that is coded wrongly', image(`${AT}/50%.png`), { url: `${AT}/50%.png`, kind: 'image', name: '50%.png' }],
  ['a link to a page', buttons('Look', [link('Open', `${AT}/plans.html`)]), undefined],
  ['a link without an ending', buttons('Look', [link('Open', `${AT}/plans`)]), undefined],
  ['a link to a host', buttons('Look', [link('Open', AT)]), undefined],
  ['two buttons', buttons('', [link('A', `${AT}/a.pdf`), link('B', `${AT}/b.pdf`)]), undefined],
  ['a button that calls', buttons('', [actionable('', { uri: 'CALL', payload: { url: `${AT}/a.pdf` } })]), undefined],
  ['a card with a button', carousel([carouselItem(`${AT}/a.png`, { actionables: [replyButton('Buy')] })]), undefined],
  ['two cards', carousel([carouselItem(`${AT}/a.png`), carouselItem(`${AT}/b.png`)]), undefined],
  ['a card without a picture', image(''), undefined],
  ['what is not of the web', image('javascript:alert(1)//a.png'), undefined],
  ['data', image('data:image/png;base64,AAAA'), undefined],
  ['a text', text(`${AT}/a.png`), undefined],
  ['no element', null, undefined],
]

test.each(cases)('%s', (_name, element, media) => {
  expect(mediaOf(element)).toEqual(media)
})

test('a name is short, and keeps its ending', () => {
  expect(mediaOf(image(`${AT}/${'a'.repeat(60_000)}.png`))?.name).toBe(`${'a'.repeat(124)}.png`)
})

test('of any value it never throws', () => {
  const item = fc.anything()
  const type = fc.constantFrom('CAROUSEL', 'BUTTON', 'TEXT')
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.record({ type, data: fc.record({ items: fc.tuple(item) }) })), (value) => {
      expect(mediaOf(value)).not.toBeNull()
    }),
  )
})
