import type { StandInLinks } from '../../pages/frame.js'
import type { SandboxContext } from '../context.js'

export interface StripePagesOptions {
  context: SandboxContext
  /** Asked at each view: the addresses of what starts later are not known at first. */
  links: () => StandInLinks
}
