/** Version of this program and of the document that it serves; `npm test` holds it to package.json. */
export const VERSION = '0.1.0'
