/**
 * The caller who is signed in. sessionStorage keeps the token for this tab only, until it is closed. Scripts of other origins
 * cannot read it. No request carries it by itself, as it would a cookie.
 */
const KEY = 'crm-webhooks.token';

let caller = null;

export const token = () => sessionStorage.getItem(KEY);

export function keep(newToken) {
  sessionStorage.setItem(KEY, newToken);
}

export function forget() {
  sessionStorage.removeItem(KEY);
  caller = null;
}

/** @param found the answer of GET /rest/caller */
export function signedIn(found) {
  caller = found;
}

export const who = () => caller;

const ROLES = ['read', 'operate', 'admin'];

/** Whether the token's role includes this one. The server decides; this only spares the reader an error. */
export const may = (role) => ROLES.indexOf(caller?.role) >= ROLES.indexOf(role);

/** Takes a token out of the address (#token=…), so that it is neither seen there nor bookmarked; null if there is none. */
export function takeFromAddress() {
  const found = /^#token=([^&]+)$/.exec(location.hash);
  if (!found) {
    return null;
  }
  history.replaceState(null, '', `${location.pathname}#/`);
  try {
    return decodeURIComponent(found[1]);
  } catch {
    return null;
  }
}
