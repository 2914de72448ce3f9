/** What a screen is given. */
export interface Page {
  draw (): void
  /** Does what talks to the service, tells what goes wrong, and draws. */
  attempt (task: () => Promise<void>): Promise<void>
  /** For screen readers. */
  say (text: string): void
  /** Tells what was done, with a button that takes it back. */
  offer (done: string, undo: () => Promise<void>): void
}

export interface Screen {
  title: string
  /** Begins to ask for data. */
  show (): void
  /** The address has changed, and leads to this screen still; or the operator asks to try again. */
  refresh (): void
  hide (): void
  /** A template of lit-html. */
  view (): unknown
}
