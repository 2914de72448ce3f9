/** What Swagger UI lacks for people who see little or use a screen reader: contrast, its dark colours, and a name for its list of servers. */
export const docsTheme = {
  css: [{
    filename: 'theme.css',
    content: `
html:not(.dark-mode) .swagger-ui :is(.info .url, .opblock-tag small, .renderedMarkdown p, [class^="json-schema-2020-12"]) { color: #3b4151 }
html:not(.dark-mode) .swagger-ui a { color: #1f4f8f }
html:not(.dark-mode) .swagger-ui .btn.authorize, html:not(.dark-mode) .swagger-ui .btn.authorize span { border-color: #0b6b3a; color: #0b6b3a }
html:not(.dark-mode) .swagger-ui .btn.authorize svg { fill: #0b6b3a }
.swagger-ui .opblock.opblock-get .opblock-summary-method { background: #1257a5 }
.swagger-ui .opblock.opblock-post .opblock-summary-method { background: #0b6b3a }
.swagger-ui .opblock.opblock-delete .opblock-summary-method { background: #b42318 }
.swagger-ui .info .title small { background: #3b4151 }
.swagger-ui .info .title small.version-stamp { background: #3d6d00 }
.dark-mode .swagger-ui :is(.info .url, .opblock-tag small, .renderedMarkdown p, [class^="json-schema-2020-12"]) { color: #d4d8da }
.dark-mode .swagger-ui a { color: #93c0ff }
`
  }],
  js: [{
    filename: 'theme.js',
    content: `
// Swagger UI has dark colours behind a switch in a bar that is not shown.
const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', follow)
follow()
new MutationObserver(() => {
  const servers = document.querySelector('#servers')
  if (servers !== null && !servers.hasAttribute('aria-label')) servers.setAttribute('aria-label', 'Server')
}).observe(document.documentElement, { childList: true, subtree: true })
`
  }]
}
