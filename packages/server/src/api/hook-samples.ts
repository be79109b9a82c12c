import { publishedDocument } from './documents/published.js'

interface PublishedDocument {
  webhooks: Record<
    string,
    { post: { requestBody: { content: { 'application/json': { example: Record<string, unknown> } } } } }
  >
}

const document: PublishedDocument = JSON.parse(publishedDocument('platform'))

/** The user of every sample, so that a receiver can tell it from a real one. */
const SAMPLE_USER = 'tract-test'

/** What a test of a hook carries: the example of its documentation. */
export function sampleOf(category: string, subcategory: string): string {
  const example = document.webhooks[`${category}.${subcategory}`]?.post.requestBody.content['application/json'].example
  if (!example) throw new Error(`The document has no example for ${category}.${subcategory}.`)
  return JSON.stringify('user_id' in example ? { ...example, user_id: SAMPLE_USER } : example)
}
