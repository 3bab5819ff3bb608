/** The result of a trial: for past events whether each would be sent, and its body before and after. */
import { h } from './dom.js';
import { badge, code } from './ui.js';

const shown = (body) => (typeof body === 'string' ? body : JSON.stringify(body, null, 2));

const side = (title, changeId, body, headers = {}) => h('div', { class: 'side-of' }, h('h3', null, title),
  Object.entries(headers).map(([name, value]) => h('p', { class: 'mono muted' }, `${name}: ${value}`)),
  body === null ? h('p', null, 'Not sent.') : code(shown(body), `${title}, event ${changeId}`));

const one = (open) => ({ event, changeId, sent, reason, failed, before, after, headers }, at) => h('details', { open: at === open },
  h('summary', null, badge(sent ? 'ok' : failed ? 'bad' : 'idle', sent ? 'sent' : failed ? 'fails' : 'not sent'), ' ', h('span', { class: 'cut' }, event), ' ', h('span', { class: 'muted' }, changeId)),
  !sent && h('p', { class: failed ? 'failed' : 'muted' }, reason),
  h('div', { class: 'sides' }, side('Before', changeId, before), side('After', changeId, after, headers)));

function words(results) {
  const sent = results.filter((result) => result.sent).length;
  const failed = results.filter((result) => result.failed).length;
  return `${sent} of the last ${results.length} events would be sent${failed > 0 ? `, and a program fails on ${failed}` : ''}. Nothing was sent now.`;
}

/** @param results as the API answers them */
export function tried(results) {
  const first = Math.max(0, results.findIndex(({ sent, failed }) => sent || failed));
  return h('section', { class: 'tried', tabindex: '-1', 'aria-label': 'Result of the trial' },
    h('h2', null, results.length === 0 ? 'None of the newest 10,000 events is one that the webhook wants.' : words(results)),
    results.map(one(first)));
}
