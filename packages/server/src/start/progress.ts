/** Milliseconds between two reminders that a step is still under way. */
const REMINDER_MS = 10_000

/** Says what a start is doing, and that it still is where that takes long. */
export class Progress {
  readonly #say: (text: string) => void
  #reminder: NodeJS.Timeout | undefined

  constructor(say: (text: string) => void) {
    this.#say = say
  }

  begin(step: string): void {
    this.end()
    this.#say(`${step} …`)
    this.#reminder = setInterval(() => this.#say(`  still: ${step} …`), REMINDER_MS)
  }

  end(): void {
    clearInterval(this.#reminder)
  }
}
