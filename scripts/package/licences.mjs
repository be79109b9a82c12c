/** The licences of others' work in the package, for people: each component with its text, and equal texts once. */

const RULE = `\n${'-'.repeat(80)}\n\n`

const nameOf = ({ group, name, version }) => `${group ? `${group}/` : ''}${name} ${version}`
const licenceOf = ({ licenses = [] }) =>
  licenses.map(({ license, expression }) => expression ?? license.id ?? license.name).join(', ')

function textsOf({ evidence }) {
  const texts = (evidence?.licenses ?? []).map(({ license }) => license.text)
  return texts.map(({ content, encoding }) =>
    Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8').toString(),
  )
}

/** @param bill with texts @returns {string} */
export function thirdPartyLicences({ components }) {
  const others = components.filter(({ group }) => group !== '@tract')
  const nameless = others.filter((component) => licenceOf(component) === '')
  if (nameless.length > 0) throw new Error(`no licence is named by: ${nameless.map(nameOf).join(', ')}`)
  const byText = new Map()
  for (const component of others) {
    const text = textsOf(component).join('\n\n').trim()
    byText.set(text, [...(byText.get(text) ?? []), component])
  }
  const parts = [...byText].map(([text, of]) => {
    const heads = of.map((component) => `${nameOf(component)} (${licenceOf(component)})`)
    return `${[...new Set(heads)].join('\n')}\n\n${text || 'It brings no text of its licence.'}\n`
  })
  return ['What TRACT contains of others, and under which licences.\n', ...parts].join(RULE)
}
