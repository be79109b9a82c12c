/** Names a user: what every row of the user's is keyed by. */
export interface UserKey {
  bucket: number
  organisationId: string
  userId: string
}
