// How a text is timed.

/** Tokens of the prompt; the first new token waits for all of them to be read and is not timed. */
export const PROMPT_TOKENS = 16;

/** Tokens timed in a text of `contextLength` tokens. */
export const timedTokens = (contextLength: number): number => contextLength - PROMPT_TOKENS - 1;
