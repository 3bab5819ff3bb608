/** Hands a new secret to the page that shows it, once; it is kept nowhere. */
let waiting = null;

export function shownOnceAt(webhook, secret) {
  waiting = { webhook, secret };
}

/** The secret for this webhook's page, or null; a second call gets null. */
export function takeSecret(webhook) {
  const found = waiting?.webhook === webhook ? waiting.secret : null;
  waiting = null;
  return found;
}
