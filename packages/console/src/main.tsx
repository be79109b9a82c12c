import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/shell.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.js'
import { preload } from './app/views.js'
import { parseRoute } from './router/route.js'
import { applyTheme } from './theme/theme.js'

applyTheme()
preload(parseRoute(window.location.pathname).view)
createRoot(document.getElementById('console') as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
