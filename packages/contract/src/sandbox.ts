/** The sandbox's organisation: a fixed id, which no customer's organisation has. */
export const SANDBOX_ORGANISATION_ID = '00000000-0000-7000-8000-73616e64626f'
