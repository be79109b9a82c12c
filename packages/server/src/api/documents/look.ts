/** How Swagger UI looks here, where its own look misleads. */

/** White on the bar, which is dark in light and in dark. */
export const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="132" height="40" viewBox="0 0 132 40"><rect y="4" width="32" height="32" rx="8" fill="#2f5fd6"/><path d="M6 14h14m-4-4 4 4-4 4M26 26H12m4-4-4 4 4 4" stroke="#fff" stroke-width="3.2" fill="none" stroke-linecap="round" stroke-linejoin="round"/><text x="44" y="27" fill="#fff" font-family="sans-serif" font-size="20" font-weight="700" letter-spacing="1.5">TRACT</text></svg>`

export const STYLES = `
/* a hook is what the service posts: it is read here, and not called */
.swagger-ui .webhooks .try-out,
.swagger-ui .webhooks .execute-wrapper,
.swagger-ui .webhooks .btn-group,
.swagger-ui .webhooks .btn.execute { display: none }
.swagger-ui .webhooks .opblock { border-color: #6b7a90; background: rgb(107 122 144 / 10%) }
.swagger-ui .webhooks .opblock .opblock-summary { border-color: #6b7a90 }
.swagger-ui .webhooks .opblock .opblock-summary-method { background: #56657c; font-size: 0 }
.swagger-ui .webhooks .opblock .opblock-summary-method::after { content: "HOOK"; font-size: 14px }
.swagger-ui .webhooks h2::after { content: ": what TRACT posts to your URLs"; font-weight: 400; font-size: 16px }
.swagger-ui .renderedMarkdown p code, .swagger-ui .renderedMarkdown li code { padding: 0 4px }
`
