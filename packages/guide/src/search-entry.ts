/** A section of a page, as the search finds it. */
export interface SearchEntry {
  /** Its address. */
  id: string
  page: string
  /** Empty for what stands under the page's title. */
  heading: string
  text: string
}
