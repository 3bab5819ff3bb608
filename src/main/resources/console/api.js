/** Calls the admin API. */
import { forget, token } from './session.js';

/** An error answer of the server, with the fields that it names. */
export class ApiError extends Error {
  constructor(status, message, errors = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

/**
 * @param options body, query (empty values are left out), etag (for If-Match), signal
 * @return the answer's data and ETag
 * @throws ApiError after every failure except an abort
 */
export async function call(method, path, { body, query, etag, signal } = {}) {
  const headers = { Authorization: `Bearer ${token()}` };
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }
  if (etag) {
    headers['If-Match'] = etag;
  }
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== '' && value !== null && value !== undefined);
  const search = given.length ? `?${new URLSearchParams(given)}` : '';
  let response;
  try {
    response = await fetch(path + search, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (e) {
    if (e.name === 'AbortError') {
      throw e;
    }
    throw new ApiError(0, 'crm-webhooks does not answer. Is it running? This page goes on when it does.');
  }
  const data = response.status === 204 ? null : await response.text().then(JSON.parse).catch(() => null);
  if (response.ok) {
    return { data, etag: response.headers.get('ETag') };
  }
  if (response.status === 401) {
    forget();
    dispatchEvent(new CustomEvent('signed-out'));
  }
  throw new ApiError(response.status, data?.detail ?? `The server answered ${response.status}.`, data?.errors);
}

export const get = async (path, query, signal) => (await call('GET', path, { query, signal })).data;

export const post = async (path, body) => (await call('POST', path, { body })).data;

let contract;

/** The document of the API, read once. */
export const readContract = () => (contract ??= get('/openapi.json'));

let webhooks = { at: 0, list: null };

/** All webhooks, read once a page, and again after ten seconds. */
export function listWebhooks() {
  if (Date.now() - webhooks.at > 10_000) {
    webhooks = { at: Date.now(), list: get('/rest/webhooks') };
    webhooks.list.catch(() => forgetWebhooks());
  }
  return webhooks.list;
}

/** Makes the next call read the list afresh. */
export function forgetWebhooks() {
  webhooks = { at: 0, list: null };
}
