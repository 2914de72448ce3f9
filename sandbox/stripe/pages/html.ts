const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text for an HTML page or attribute. */
export function escapeHtml (text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}

/** A whole page with a title and a body of HTML. */
export function htmlPage (title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>
body { font-family: system-ui, sans-serif; line-height: 1.5; margin: 2rem auto; max-width: 30rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { padding: .25rem 0; text-align: left }
td:last-child, th:last-child { text-align: right }
form { margin: 1rem 0 }
label { display: block }
button, input { box-sizing: border-box; font: inherit; min-height: 2.75rem; padding: 0 1rem; width: 100% }
</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
</body>
</html>
`
}
