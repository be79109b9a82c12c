/** Of every service that a test starts: none of its calls is refused because the machine is slow, or because many come. */
export const PATIENT_SETTINGS = {
  TRACT_LONGEST_WAIT: '600000',
  TRACT_RATE_LIMIT: '1000000',
  TRACT_DATABASE_TIMEOUT: '600000',
}
