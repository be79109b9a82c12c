import { expect, test } from '@jest/globals'
import { parseJson } from '@tract/contract/json'
import type { ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { Fragment, jsx, jsxs } from '../../src/jsx/jsx-runtime.js'

const HOSTILE = 'a\u001b[31m\u0007\u009b\u007f\u202egnp.exe\u2066'
const SHOWN = 'a\\u001b[31m\\u0007\\u009b\\u007f\\u202egnp.exe\\u2066'

const Named = ({ name, children }: { name: string; children?: ReactNode }) => jsxs('li', { children: [name, children] })

test.each([
  ['text', jsx('p', { children: HOSTILE }), `<p>${SHOWN}</p>`],
  ['text among others', jsxs('p', { children: ['by ', HOSTILE, 5, null] }), `<p>by ${SHOWN}5</p>`],
  ['text in lists', jsx('p', { children: [['x', [HOSTILE]]] }), `<p>x${SHOWN}</p>`],
  ['text that a component is given', jsx(Named, { name: HOSTILE, children: HOSTILE }), `<li>${SHOWN}${SHOWN}</li>`],
  ['text in a fragment', jsx(Fragment, { children: HOSTILE }), SHOWN],
  [
    'a number with its digits',
    jsx('p', { children: parseJson('9007199254740993') as ReactNode }),
    '<p>9007199254740993</p>',
  ],
  ['attributes that are read', jsx('img', { alt: HOSTILE, title: HOSTILE }), `<img alt="${SHOWN}" title="${SHOWN}"/>`],
  ['lines and tabs, which stay', jsx('pre', { children: 'a\n\tb\r\n' }), '<pre>a\n\tb\r\n</pre>'],
  ['what is sent, which stays', jsx('option', { value: '\u202e', children: 'x' }), '<option value="\u202e">x</option>'],
])('no character steers what is shown: %s', (_about, element, markup) => {
  expect(renderToStaticMarkup(element)).toBe(markup)
})
