/** The newest deliveries of a webhook. */
import { get } from './api.js';
import { ofWebhook } from './delivery-columns.js';
import { h, refill } from './dom.js';
import { table } from './table.js';
import { empty } from './ui.js';

/** Of which those that have arrived are read from Kafka. */
const HOUR = 3_600_000;

/** @param webhook returns the webhook as it is now */
export function log(view, webhook) {
  const webhookId = webhook().id;
  const body = h('div');
  let fromKafka = false;
  const newest = () => get('/rest/deliveries',
    { webhookId, limit: 15, since: fromKafka ? new Date(Date.now() - HOUR).toISOString() : '' }, view.signal);
  const load = async () => {
    let page = await newest();
    if (page.deliveredLeftOut) {
      fromKafka = true;
      page = await newest();
    }
    const { data } = page;
    refill(body, data.length > 0 ? table('Newest deliveries', ofWebhook(webhook), data) : empty(fromKafka ? 'Nothing was sent in the last hour' : 'Nothing has been sent yet',
      'Change a record that it asks for in the CRM, press “Send a test”, or replay past changes to it.'));
  };
  const node = h('section', { class: 'card flush' }, h('div', { class: 'card-head' }, h('h2', null, 'Newest deliveries'),
    h('a', { class: 'end', href: `#/deliveries?webhookId=${webhookId}` }, 'All deliveries')), body);
  return { node, load, refresh: load };
}
