/** Tells a listener of the vendor's, which changes nothing: what it throws, or rejects with, is said on the console. */
export async function tell(listener: () => unknown): Promise<void> {
  try {
    await listener()
  } catch (failure) {
    console.error(failure)
  }
}
