/** The organisation of the sandbox. It has an id of its own so that whoever knows the contract knows it from a client's organisation. */
export const SANDBOX_ORGANISATION_ID = '00000000-0000-7000-8000-73616e64626f'
