/** The part of a text around the first of the words that were found, and these marked. */
const BEFORE = 40
const LENGTH = 160

/** @param terms in lower case */
export function excerpt(text: string, terms: readonly string[]): (string | HTMLElement)[] {
  const lower = text.toLowerCase()
  const places = terms.map((term) => lower.indexOf(term)).filter((place) => place >= 0)
  const first = places.length > 0 ? Math.min(...places) : 0
  const begin = first > BEFORE ? text.indexOf(' ', first - BEFORE) + 1 : 0
  const space = text.lastIndexOf(' ', begin + LENGTH)
  const end = begin + LENGTH >= text.length ? text.length : space > begin ? space : begin + LENGTH
  const part = `${begin > 0 ? '… ' : ''}${text.slice(begin, end)}${end < text.length ? ' …' : ''}`
  const pattern = terms.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).sort((a, b) => b.length - a.length)
  if (pattern.length === 0) return [part]
  return part.split(new RegExp(`(${pattern.join('|')})`, 'gi')).map((piece, index) => {
    if (index % 2 === 0) return piece
    const mark = document.createElement('mark')
    mark.textContent = piece
    return mark
  })
}
