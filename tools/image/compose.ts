import { parse } from 'yaml'

type Variables = Record<string, string>

/** What compose.yaml says of one container. */
export interface ComposeService {
  /** The name of its image. */
  image: string
  /** Instead of the image's own command. */
  command?: string[]
  /** `env_file` under `environment`, as the container gets them. */
  environment: Variables
}

interface Written { image: string, command?: string[], env_file?: string, environment?: Record<string, unknown> }

/**
 * Reads a compose file: its services, with their variables filled in.
 * @param variables those of `.env`
 * @throws Error for a variable that the file asks for and that is missing, with the file's own words
 */
export function readCompose (text: string, variables: Variables): Record<string, ComposeService> {
  const { services } = parse(text, { merge: true }) as { services: Record<string, Written> }
  return Object.fromEntries(Object.entries(services).map(([name, { image, command, env_file: file, environment = {} }]) => {
    const own = Object.entries(environment).map(([key, value]) => [key, fillIn(String(value), variables)])
    return [name, {
      image,
      ...(command !== undefined && { command: command.map(part => fillIn(part, variables)) }),
      environment: { ...(file === '.env' && variables), ...Object.fromEntries(own) }
    }]
  }))
}

/** `${NAME}`, `${NAME:-default}` and `${NAME:?what to do}`; an empty variable is a missing one. */
function fillIn (text: string, variables: Variables): string {
  return text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, operator?: string, word = '') => {
    const value = variables[name] ?? ''
    if (value === '' && operator === '?') throw new Error(`compose.yaml: ${name} is missing: ${word}`)
    return value === '' && operator === '-' ? word : value
  })
}

/** What `.env.example` leaves empty, filled in as its reader would; without DATABASE_URL, which compose.yaml makes. */
export const filledIn: Variables = {
  STRIPE_SECRET_KEY: 'sk_test_of_the_image_check',
  STRIPE_WEBHOOK_SECRET: 'whsec_of_the_image_check',
  AFFITOR_API_KEY: 'key-of-the-image-check',
  AFFITOR_PROGRAM_ID: '42',
  SESSION_SECRET: 'session-secret-of-the-image-check',
  ADMIN_TOKEN: 'admin-token-of-the-image-check',
  PUBLIC_URL: 'https://shop.example.com',
  CHECKOUT_SUCCESS_URL: 'https://shop.example.com/thanks',
  CHECKOUT_CANCEL_URL: 'https://shop.example.com/prices',
  POSTGRES_PASSWORD: 'passwordOfTheImageCheck'
}
