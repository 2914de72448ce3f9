/** What Swagger UI lacks for people who see little or use a screen reader: contrast, and a name for its list of servers. */
export const docsTheme = {
  css: [{
    filename: 'theme.css',
    content: `
.swagger-ui .info .url, .swagger-ui .opblock-tag small, .swagger-ui .renderedMarkdown p { color: #3b4151 }
.swagger-ui a, .swagger-ui .info a { color: #1f4f8f }
.swagger-ui [class^="json-schema-2020-12"] { color: #3b4151 }
.swagger-ui .btn.authorize, .swagger-ui .btn.authorize span { border-color: #0b6b3a; color: #0b6b3a }
.swagger-ui .btn.authorize svg { fill: #0b6b3a }
.swagger-ui .opblock.opblock-get .opblock-summary-method { background: #1257a5 }
.swagger-ui .opblock.opblock-post .opblock-summary-method { background: #0b6b3a }
.swagger-ui .info .title small { background: #3b4151 }
.swagger-ui .info .title small.version-stamp { background: #3d6d00 }
`
  }],
  js: [{
    filename: 'theme.js',
    content: `
new MutationObserver(() => {
  const servers = document.querySelector('#servers')
  if (servers !== null && !servers.hasAttribute('aria-label')) servers.setAttribute('aria-label', 'Server')
}).observe(document.documentElement, { childList: true, subtree: true })
`
  }]
}
