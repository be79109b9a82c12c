/** Before anything is drawn: light or dark as the reader chose, here or in the console. Without a choice it is as the system has it. */
try {
  const theme = window.localStorage.getItem('tract-theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // A browser may keep its storage closed.
}
