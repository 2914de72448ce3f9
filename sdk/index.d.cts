import type * as client from './index.js' with { 'resolution-mode': 'import' }

export type * from './index.js' with { 'resolution-mode': 'import' }
export declare const createClient: typeof client.createClient
export declare const AffitorServiceError: typeof client.AffitorServiceError
export type AffitorServiceError = client.AffitorServiceError
