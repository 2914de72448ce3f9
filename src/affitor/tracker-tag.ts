/**
 * The tag that loads Affitor's tracker, for the <head> of every page: https://docs.affitor.com
 * @param apiUrl Affitor's API, which serves the script
 */
export function trackerTag (apiUrl: string, programId: string): string {
  return `<script src="${apiUrl.replace(/\/+$/, '')}/js/affitor-tracker.js" data-affitor-program-id="${programId}" defer></script>`
}
