import { CheckField } from '../../../components/check-field.js'
import { Field, TextField } from '../../../components/field.js'
import { DAYS, type HoursDraft, type HoursFaults } from './hours-draft.js'

interface HoursFieldsProps {
  draft: HoursDraft
  onChange: (draft: HoursDraft) => void
  faults: HoursFaults | undefined
  errorAt: (path: string) => string | undefined
}

/** When a listener is open, where it does not say so itself. */
export function HoursFields({ draft, onChange, faults, errorAt }: HoursFieldsProps) {
  const rest = errorAt('/hours/weekly') ?? errorAt('/hours/exceptions')
  return (
    <fieldset className="stack field-group">
      <legend>Opening hours</legend>
      <CheckField
        label="It has opening hours"
        hint="They count where the listener does not say itself whether it is open (Set availability). Without them it is open."
        checked={draft.has}
        onChange={(has) => onChange({ ...draft, has })}
      />
      {draft.has && (
        <>
          <TextField
            label="Time zone"
            hint="Its name in the IANA database, such as Asia/Kolkata."
            required
            maxLength={64}
            value={draft.time_zone}
            onChange={(time_zone) => onChange({ ...draft, time_zone })}
            error={errorAt('/hours/time_zone')}
          />
          <p className="hint">
            Spans such as 09:00-12:30, 14:00-18:00. A day without one is closed; a span that closes no later than it
            opens ends on the next day.
          </p>
          <div className="setting-grid">
            {DAYS.map((day) => (
              <TextField
                key={day}
                label={day[0]?.toUpperCase() + day.slice(1)}
                value={draft.days[day]}
                onChange={(spans) => onChange({ ...draft, days: { ...draft.days, [day]: spans } })}
                error={faults?.days[day]}
              />
            ))}
          </div>
          <Field
            label="Other dates"
            hint="A line for each: 2026-12-25 closed, or 2026-12-24 09:00-12:00."
            error={faults?.exceptions ?? rest}
          >
            {(control) => (
              <textarea
                {...control}
                rows={3}
                value={draft.exceptions}
                onChange={(event) => onChange({ ...draft, exceptions: event.target.value })}
              />
            )}
          </Field>
        </>
      )}
    </fieldset>
  )
}
