/** The request of a test and the receiver's answer. */
import { h } from './dom.js';
import { duration, pretty } from './format.js';
import { badge, code, copyButton, status } from './ui.js';

const headers = (of) => Object.entries(of).map(([name, value]) => `${name}: ${value}`).join('\n');

const side = (title, first, of) => h('div', { class: 'side-of' },
  h('h3', null, title), h('p', { class: 'mono' }, first), code(headers(of.headers), `Headers of the ${title.toLowerCase()}`),
  h('div', { class: 'with-copy' }, code(of.body ? pretty(of.body) : '(empty)', `Body of the ${title.toLowerCase()}`), of.body && copyButton(of.body)));

const step = ({ fetched, durationMs, error }) => h('p', { class: error ? 'failed' : 'muted' },
  error ? `No access token: ${error}` : fetched ? `Access token fetched in ${duration(durationMs)}` : 'Access token kept from before');

export function testResult({ event, delivered, error, durationMs, tokens, request, response }) {
  const section = h('section', { class: 'card test', tabindex: '-1', 'aria-label': 'Result of the test' },
    h('div', { class: 'card-head' }, h('h2', null, 'Test'), badge(delivered ? 'ok' : 'bad', delivered ? 'delivered' : 'failed'),
      response && status(response.status), h('span', { class: 'muted' }, `${event} · ${duration(durationMs)}`),
      h('button', { type: 'button', class: 'small end', onclick: () => section.remove() }, 'Close')),
    tokens.map(step),
    error && error !== `HTTP ${response?.status}` && !tokens.some((token) => token.error === error) && h('p', { class: 'failed' }, error),
    h('div', { class: 'sides' },
      side('Request', `${request.method} ${request.url}`, request),
      response ? side('Response', `Status ${response.status}`, response)
        : h('div', { class: 'side-of' }, h('h3', null, 'Response'), h('p', null, request.method === 'CALL' ? 'A route gives none.' : 'There was none.'))));
  return section;
}
