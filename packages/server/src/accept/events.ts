export interface EventRecord {
  conversationNumber: number
  type: string
  subtype: string
  /** The listener that sent it; null where the service did. */
  listener: string | null
  metadata: string | null
  createdAt: Date
}
