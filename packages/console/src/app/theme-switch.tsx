import { setTheme, type Theme, useTheme } from '../theme/theme.js'

const CHOICES: readonly { value: Theme; label: string }[] = [
  { value: 'system', label: 'Colours: auto' },
  { value: 'light', label: 'Colours: light' },
  { value: 'dark', label: 'Colours: dark' },
]

export function ThemeSwitch() {
  const theme = useTheme()
  return (
    <label className="theme-switch">
      <span className="unseen">Colours</span>
      <select value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
        {CHOICES.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  )
}
