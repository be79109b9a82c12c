/** The content of messages: what builds an element, and what reads one. */
export * from '@tract/contract/hsl'
