/** A secret that is shown this once: it is in no other answer, and leaving the dialog forgets it. */
export function SecretOnce({ secret }: { secret: string }) {
  return (
    <div className="stack">
      <p>The signing secret, shown this once. Keep it where the receiver reads it:</p>
      <pre className="secret">{secret}</pre>
    </div>
  )
}
